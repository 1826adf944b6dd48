//! Form bodies and query strings, read leniently: the public framework's units do not encode anything.

/// The pairs of `a=b&c=d`: split at `&`, then at the first `=`. Valid `%XX` escapes are decoded and `+` is a blank;
/// everything else, raw blanks and broken escapes too, stays as it is. Bytes that are no UTF-8 are replaced.
pub fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    bytes
        .split(|byte| *byte == b'&')
        .filter(|part| !part.is_empty())
        .map(|part| match part.iter().position(|byte| *byte == b'=') {
            Some(place) => (decode(&part[..place]), decode(&part[place + 1..])),
            None => (decode(part), String::new()),
        })
        .collect()
}

fn decode(bytes: &[u8]) -> String {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => plain.push(b' '),
            (b'%', [high, low, beyond @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    plain.push(high << 4 | low);
                    rest = beyond;
                }
                _ => plain.push(b'%'),
            },
            _ => plain.push(byte),
        }
    }
    String::from_utf8(plain).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        pairs(text.as_bytes())
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.into(), value.into())
    }

    #[test]
    fn raw_blanks_colons_and_brackets_of_the_framework_are_kept() {
        assert_eq!(
            read("metrics_name=proposal (since-start)&id=0&value=count: 41&timestamp=1795328569"),
            [
                pair("metrics_name", "proposal (since-start)"),
                pair("id", "0"),
                pair("value", "count: 41"),
                pair("timestamp", "1795328569")
            ]
        );
    }

    #[test]
    fn encoded_forms_give_the_same_and_broken_escapes_stay() {
        assert_eq!(
            read("a=count%3a+41&b=100%&c=%zz&d==x=&&e"),
            [pair("a", "count: 41"), pair("b", "100%"), pair("c", "%zz"), pair("d", "=x="), pair("e", "")]
        );
    }

    #[test]
    fn any_bytes_give_text() {
        assert_eq!(pairs(&[0xff, b'=', 0xfe, b'%', b'f']), [("\u{fffd}".into(), "\u{fffd}%f".into())]);
        assert_eq!(pairs(b""), []);
    }
}
