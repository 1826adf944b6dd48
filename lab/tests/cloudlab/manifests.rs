//! Manifests of CloudLab, and documents that are none.

use lab::cloudlab::manifest::read;
use std::fmt::Write;

/// Two machines on one LAN, as a site describes them: shortened, with other names.
const SMALL_LAN: &str = r#"<?xml version="1.0"?>
<rspec xmlns="http://www.geni.net/resources/rspec/3" xmlns:emulab="http://www.protogeni.net/resources/rspec/ext/emulab/1" type="manifest">
  <node client_id="node0" component_manager_id="urn:publicid:IDN+utah.cloudlab.us+authority+cm" exclusive="true">
    <sliver_type name="raw-pc"/>
    <interface client_id="node0:eth1" mac_address="0cc47a000001"><ip address="10.10.1.1" type="ipv4" netmask="255.255.255.0"/></interface>
    <interface client_id="node0:eth2"><ip address="10.10.2.1" netmask="255.255.255.0"/></interface>
    <emulab:vnode name="hp001" hardware_type="xl170"/>
    <host name="node0.bft.proj-PG0.utah.cloudlab.us" ipv4="192.0.2.1"/>
    <services>
      <login authentication="ssh-keys" hostname="hp001.utah.cloudlab.us" port="22" username="ann"/>
      <login authentication="ssh-keys" hostname="hp001.utah.cloudlab.us" port="2222" username="bob"/>
      <emulab:console server="boss.utah.cloudlab.us"/>
    </services>
  </node>
  <node client_id="node1">
    <interface client_id="node1:eth1"><ip address="10.10.1.2" type="ipv4"/></interface>
    <host name="node1.bft.proj-PG0.utah.cloudlab.us" ipv4="192.0.2.2"/>
  </node>
  <link client_id="alone"><interface_ref client_id="node0:eth2"/></link>
  <link client_id="lan"><interface_ref client_id="node0:eth1"/><interface_ref client_id="node1:eth1"/></link>
  <emulab:portal name="cloudlab"/>
</rspec>"#;

fn with(from: &str, to: &str) -> String {
    assert!(SMALL_LAN.contains(from), "{from}");
    SMALL_LAN.replacen(from, to, 1)
}

#[test]
fn machines_have_their_accounts_and_their_addresses_in_the_lan() {
    let machines = read(SMALL_LAN).unwrap();
    let [first, second] = &machines[..] else { panic!("{machines:?}") };
    assert_eq!(first.name, "node0");
    assert_eq!(first.host.as_deref(), Some("node0.bft.proj-PG0.utah.cloudlab.us"));
    assert_eq!((first.address, first.lan), (Some([192, 0, 2, 1].into()), Some([10, 10, 1, 1].into())));
    assert_eq!((first.accounts[1].user.as_str(), first.accounts[1].port), ("bob", 2222));
    assert_eq!((second.lan, second.accounts.len()), (Some([10, 10, 1, 2].into()), 0));
}

#[test]
fn machines_without_a_common_link_have_no_address_in_a_lan() {
    let apart = with("<interface_ref client_id=\"node1:eth1\"/>", "");
    assert!(read(&apart).unwrap().iter().all(|machine| machine.lan.is_none()));
}

#[test]
fn what_is_no_manifest_is_refused_with_line_and_column() {
    let cases = [
        ("", "not the XML"),
        ("<html><body>log in</body></html>", "not an rspec"),
        ("<rspec/>", "not an rspec"),
        (&with("type=\"manifest\"", "type=\"request\""), "not a manifest"),
        (&SMALL_LAN[..SMALL_LAN.len() / 2], "not the XML"),
        (
            &with("<?xml version=\"1.0\"?>", "<!DOCTYPE rspec [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"),
            "not the XML",
        ),
        (&with("client_id=\"node0\"", "client_id=\"$(reboot)\""), "the name of a machine (line 3"),
        (&with("client_id=\"node1\"", "client_id=\"node0\""), "two machines"),
        (&with("client_id=\"node0\"", ""), "the name of a machine"),
        (&with("10.10.1.1", "10.10.1.1; reboot"), "no address"),
        (&with("10.10.1.1", "0.0.0.0"), "no address"),
        (&with("192.0.2.1", "127.0.0.1"), "no address"),
        (&with("hp001.utah.cloudlab.us\" port=\"22\"", "-oProxyCommand=x\" port=\"22\""), "no host name"),
        (&with("port=\"22\"", "port=\"70000\""), "a port"),
        (&with("username=\"ann\"", "username=\"ann'; reboot\""), "a user's name"),
    ];
    for (text, word) in cases {
        let refusal = read(text).unwrap_err().to_string();
        assert!(refusal.contains(word), "{word}: {refusal}");
    }
}

#[test]
fn documents_that_are_too_large_too_deep_or_too_many_are_refused() {
    let with_body = |body: &str| format!("<rspec xmlns=\"http://www.geni.net/resources/rspec/3\">{body}</rspec>");
    let deep = with_body(&format!("{}{}", "<a>".repeat(30_000), "</a>".repeat(30_000)));
    assert!(read(&deep).unwrap_err().to_string().contains("deep"));
    assert!(read(&with_body(&"<a/>".repeat(250_000))).unwrap_err().to_string().contains("nodes limit"));
    assert!(read(&with_body(&" ".repeat(5 << 20))).unwrap_err().to_string().contains("bytes"));
    let mut many = String::new();
    (0..600).for_each(|number| write!(many, "<node client_id=\"n{number}\"/>").unwrap());
    assert!(read(&with_body(&many)).unwrap_err().to_string().contains("more than 512"));
}
