//! Manifests: the RSpec documents (GENI, version 3) in which a site says which machines it gave, and their addresses. They
//! are foreign text: a document that is too large, too deep, or says something impossible is refused as a whole.

use model::cloudlab::Account;
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use thiserror::Error;

/// The namespace of the elements that are read.
const RSPEC: &str = "http://www.geni.net/resources/rspec/3";
const MAX_BYTES: usize = 4 << 20;
const MAX_XML_NODES: u32 = 200_000;
const MAX_DEPTH: usize = 16;
/// The most machines of one experiment that are taken.
pub(super) const MAX_MACHINES: usize = 512;
const MAX_ACCOUNTS: usize = 256;

/// A manifest that is not used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the experiment's manifest is refused: {0}")]
pub struct ManifestError(pub String);

/// A machine in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its name in the profile.
    pub name: String,
    /// Its host name.
    pub host: Option<String>,
    /// Its public address.
    pub address: Option<Ipv4Addr>,
    /// Ways into it.
    pub accounts: Vec<Account>,
    /// Its address in the LAN that connects most machines of the manifest.
    pub lan: Option<Ipv4Addr>,
}

/// Reads a manifest.
///
/// # Errors
/// A sentence with line and column.
pub fn read(text: &str) -> Result<Vec<Machine>, ManifestError> {
    if text.len() > MAX_BYTES {
        return Err(ManifestError(format!("it has {} bytes; at most {MAX_BYTES} are read", text.len())));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_XML_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| ManifestError(format!("it is not the XML it should be: {error}")))?;
    let root = document.root_element();
    if !root.has_tag_name((RSPEC, "rspec")) {
        let name = show(root.tag_name().name());
        return Err(refuse(root, &format!("its root is {name}, not an rspec of GENI's version 3")));
    }
    if root.attribute("type").is_some_and(|kind| kind != "manifest") {
        return Err(refuse(root, "it is a request or an advertisement, not a manifest"));
    }
    check_depth(root)?;
    let mut machines = Vec::new();
    let mut interfaces = BTreeMap::new();
    for node in elements(root, "node") {
        if machines.len() == MAX_MACHINES {
            return Err(refuse(node, &format!("it has more than {MAX_MACHINES} machines")));
        }
        let machine = read_machine(node, &mut interfaces, machines.len())?;
        if machines.iter().any(|known: &Machine| known.name == machine.name) {
            return Err(refuse(node, &format!("there are two machines with the name {:?}", machine.name)));
        }
        machines.push(machine);
    }
    for (index, address) in widest_lan(root, &interfaces) {
        machines[index].lan = Some(address);
    }
    Ok(machines)
}

/// The machine of an interface, by its place, and the interface's address.
type Interfaces<'a> = BTreeMap<&'a str, (usize, Ipv4Addr)>;

fn read_machine<'a>(
    node: Node<'a, '_>,
    interfaces: &mut Interfaces<'a>,
    place: usize,
) -> Result<Machine, ManifestError> {
    let name = node.attribute("client_id").unwrap_or_default();
    check_word(node, "the name of a machine", name)?;
    let mut machine = Machine { name: name.to_owned(), host: None, address: None, accounts: Vec::new(), lan: None };
    if let Some(host) = elements(node, "host").next() {
        machine.host = host.attribute("name").map(|name| read_host(host, name)).transpose()?;
        machine.address = host.attribute("ipv4").map(|text| read_address(host, text)).transpose()?;
    }
    for login in elements(node, "services").flat_map(|services| elements(services, "login")).take(MAX_ACCOUNTS) {
        let user = login.attribute("username").unwrap_or_default();
        check_word(login, "a user's name", user)?;
        let host = read_host(login, login.attribute("hostname").unwrap_or_default())?;
        let port = login.attribute("port").unwrap_or("22").parse().ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| refuse(login, "a port is no number from 1 to 65535"))?;
        machine.accounts.push(Account { user: user.to_owned(), host, port });
    }
    for interface in elements(node, "interface") {
        let ip = elements(interface, "ip").find(|ip| ip.attribute("type").is_none_or(|kind| kind == "ipv4"));
        if let (Some(id), Some(ip)) = (interface.attribute("client_id"), ip) {
            let address = read_address(ip, ip.attribute("address").unwrap_or_default())?;
            interfaces.insert(id, (place, address));
        }
    }
    Ok(machine)
}

/// The addresses in the link that connects most machines; of several such links the first.
fn widest_lan(root: Node<'_, '_>, interfaces: &Interfaces<'_>) -> BTreeMap<usize, Ipv4Addr> {
    let mut widest = BTreeMap::new();
    for link in elements(root, "link") {
        let ends = elements(link, "interface_ref").filter_map(|end| interfaces.get(end.attribute("client_id")?));
        let ends: BTreeMap<_, _> = ends.copied().collect();
        if ends.len() > widest.len().max(1) {
            widest = ends;
        }
    }
    widest
}

fn elements<'a, 'input>(
    parent: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> + use<'a, 'input> {
    parent.children().filter(move |node| node.has_tag_name((RSPEC, name)))
}

fn check_depth(root: Node<'_, '_>) -> Result<(), ManifestError> {
    // Without recursion, which a deep document could exhaust.
    let mut open = vec![(root, 1)];
    while let Some((node, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            return Err(refuse(node, &format!("its elements are nested more than {MAX_DEPTH} deep")));
        }
        open.extend(node.children().filter(Node::is_element).map(|child| (child, depth + 1)));
    }
    Ok(())
}

fn read_address(node: Node<'_, '_>, text: &str) -> Result<Ipv4Addr, ManifestError> {
    let address = text.trim().parse::<Ipv4Addr>().ok();
    let usable = |address: &Ipv4Addr| {
        !(address.is_unspecified() || address.is_multicast() || address.is_broadcast() || address.is_loopback())
    };
    address.filter(usable).ok_or_else(|| refuse(node, &format!("{} is no address of a machine", show(text))))
}

fn read_host(node: Node<'_, '_>, text: &str) -> Result<String, ManifestError> {
    match is_host_name(text) {
        true => Ok(text.to_owned()),
        false => Err(refuse(node, &format!("{} is no host name", show(text)))),
    }
}

/// Whether a text is a host name: labels of letters, digits and hyphens (RFC 1123).
pub(super) fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// Whether a text is a name of a machine in a profile, or a word for a state.
pub(super) fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && !text.starts_with('-')
}

fn check_word(node: Node<'_, '_>, what: &str, text: &str) -> Result<(), ManifestError> {
    match is_word(text) {
        true => Ok(()),
        false => Err(refuse(node, &format!("{} is not {what}", show(text)))),
    }
}

fn refuse(node: Node<'_, '_>, reason: &str) -> ManifestError {
    let at = node.document().text_pos_at(node.range().start);
    ManifestError(format!("{reason} (line {}, column {})", at.row, at.col))
}

/// Foreign text in a message: quoted, escaped and short.
fn show(text: &str) -> String {
    format!("{:?}", text.chars().take(60).collect::<String>())
}
