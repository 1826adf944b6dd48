//! A stand-in for one process of the framework towards the backend, with all its weaknesses: it gives up polling for good on
//! the first answer that is not what it expects, applies what it gets in order until something does not fit, and sends every
//! measurement on a connection of its own, unencoded.

use model::config::ConfigValue;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

/// How the framework's Java asks.
const HEADERS: &str = "User-Agent: Java/17.0.12\r\nAccept: text/html, image/gif, image/jpeg, */*; q=0.2\r\n\
                       Connection: keep-alive\r\n";

/// `http://` + `demo.update_server` + `:` + `demo.update_port`, pasted together without a look.
#[derive(Clone, Debug)]
pub(crate) struct Prefix {
    address: String,
    path: String,
}

impl Prefix {
    pub(crate) fn of(server: &str, port: &str) -> Self {
        let url = format!("{server}:{port}");
        let (address, path) = url.split_once('/').map_or((url.as_str(), String::new()), |(a, p)| (a, format!("/{p}")));
        Self { address: address.to_owned(), path }
    }

    /// Status and body; nothing when the connection is refused or breaks.
    fn call(&self, method: &str, call: &str, headers: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let (path, address) = (&self.path, &self.address);
        let head = format!("{method} {path}/{call} HTTP/1.1\r\n{HEADERS}Host: {address}\r\n{headers}\r\n");
        stream.write_all((head + body).as_bytes()).ok()?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            match line.trim_end().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().ok()?,
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some((status, String::from_utf8_lossy(&body).replace(['\r', '\n'], "")))
    }
}

/// The thread that polls.
#[derive(Debug)]
pub(crate) struct Poller {
    prefix: Prefix,
    /// The unit's number plus one; 0 is the controller.
    unit: u32,
    previous: Option<String>,
    /// What patches have put into the current protocol's cache.
    pub(crate) cache: BTreeMap<String, ConfigValue>,
    /// Why it polls no more.
    pub(crate) dead: Option<String>,
}

impl Poller {
    pub(crate) fn new(prefix: Prefix, unit: u32) -> Self {
        Self { prefix, unit, previous: None, cache: BTreeMap::new(), dead: None }
    }

    /// Polls once, if the thread still lives.
    pub(crate) fn poll(&mut self) {
        if self.dead.is_none() {
            self.dead = self.try_poll().err();
        }
    }

    fn try_poll(&mut self) -> Result<(), String> {
        let answer = self.prefix.call("GET", &format!("configs?unit_id={}", self.unit), "", "");
        let (status, text) = answer.ok_or("the connection broke")?;
        if status != 200 {
            return Err(format!("status {status}"));
        }
        if self.previous.as_ref() == Some(&text) {
            return Ok(());
        }
        let patches: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let patches = patches.as_array().ok_or("no array")?.clone();
        self.previous = Some(text);
        for patch in patches {
            let field = |name: &str| patch[name].as_str().ok_or(format!("no {name}"));
            let value = value(field("type")?, &patch["value"])?;
            self.cache.insert(field("key")?.to_owned(), value);
        }
        Ok(())
    }
}

/// A value of a type, read as Java reads it: without a look at blanks.
fn value(kind: &str, value: &Value) -> Result<ConfigValue, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let wrong = |_| format!("NumberFormatException: {text:?}");
    let whole = |text: &str| text.parse::<i32>().map(|number| ConfigValue::Integer(number.into())).map_err(wrong);
    let number = |text: &str| text.trim().parse::<f64>().map(ConfigValue::Float).map_err(|_| format!("{text:?}"));
    Ok(match kind {
        "string" => ConfigValue::Text(text),
        "int" => whole(&text)?,
        "double" => number(&text)?,
        "boolean" => ConfigValue::Boolean(matches!(text.as_str(), "true" | "True" | "TRUE" | "1")),
        "int_list" => ConfigValue::List(text.split(',').map(whole).collect::<Result<_, _>>()?),
        "double_list" => ConfigValue::List(text.split(',').map(number).collect::<Result<_, _>>()?),
        "string_list" => ConfigValue::List(text.split(',').map(|part| ConfigValue::Text(part.to_owned())).collect()),
        _ => return Err("NullPointerException".to_owned()),
    })
}

/// What a replica measures, as it spells it.
pub(crate) fn replica_metrics(protocol: &str) -> Vec<(String, String)> {
    let named = [
        ("request-queue", "avg: 1.20ms, max: 3.00ms"),
        ("message-process", "avg: 12.34us, max: -1.00ms, count: 90"),
        ("block-execute", "avg: 999ns, max: 1000ns, count: 30"),
        ("last-executed-sequence", "num: 30"),
        ("in-dark", "value: false"),
        ("slow-path", "ratio: 0.25"),
        ("proposal (since-start)", "count: 41"),
        ("current-episode", "value: 0"),
    ];
    let mut metrics: Vec<_> = named.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    metrics.push(("current-protocol".to_owned(), format!("value: {protocol}")));
    metrics
}

/// What a client measures, in a locale with commas.
pub(crate) fn client_metrics(protocol: &str) -> Vec<(String, String)> {
    let named = [
        ("request-execute", "avg: 4.50ms, max: 1.25s, count: 37"),
        ("request-interval", "100.00us"),
        ("throughput", "12,33req/s"),
        ("last-executed-sequence", "num: 30"),
        ("current-episode", "value: 0"),
        ("slow-path", "ratio: NaN"),
    ];
    let mut metrics: Vec<_> = named.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    metrics.push(("current-protocol".to_owned(), format!("value: {protocol}")));
    metrics
}

/// Reports metrics of an entity, all at the same moment, each from a thread and on a connection of its own. Answers with the
/// statuses.
pub(crate) fn report(prefix: &Prefix, entity: u32, timestamp: i64, metrics: Vec<(String, String)>) -> Vec<u16> {
    let send = |(name, value): (String, String)| {
        let prefix = prefix.clone();
        thread::spawn(move || {
            let body = format!("metrics_name={name}&id={entity}&value={value}&timestamp={timestamp}");
            let headers = format!(
                "Content-Type: application/x-www-form-urlencoded\r\ncharset: utf-8\r\nContent-Length: {}\r\n",
                body.len()
            );
            prefix.call("PUT", "data", &headers, &body).map_or(0, |(status, _)| status)
        })
    };
    let sent: Vec<_> = metrics.into_iter().map(send).collect();
    sent.into_iter().map(|one| one.join().unwrap_or(0)).collect()
}
