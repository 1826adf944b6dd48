//! The portal's OpenAPI document as a judge of requests and answers. What it does not mention is not allowed.

use axum::http::{HeaderMap, Method, StatusCode};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("openapi.json")).expect("the document is JSON"));
/// The document's schemas, closed, in the form that the validator knows.
static SCHEMAS: LazyLock<Value> = LazyLock::new(|| translate(&DOCUMENT["components"]["schemas"]));

/// Headers that any HTTP client may send.
const ORDINARY: [&str; 6] = ["host", "accept", "user-agent", "content-type", "content-length", "accept-encoding"];

/// What stands in a path for the document's parameters: names and values.
type PathValues = Vec<(String, String)>;

/// An operation of the document.
pub(crate) struct Operation(&'static Value);

impl Operation {
    pub(crate) fn id(&self) -> &'static str {
        self.0["operationId"].as_str().unwrap_or_default()
    }
}

/// Finds the operation of a request, or says why the document does not allow it.
pub(crate) fn check_request(
    method: &Method,
    path: &str,
    query: &[(String, String)],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Operation, String> {
    let (operation, found) = find(method, path)?;
    let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().map(resolve).collect();
    let of = |place: &str| -> Vec<&&Value> { parameters.iter().filter(|one| one["in"] == place).collect() };
    for (name, value) in &found {
        let parameter = of("path").into_iter().find(|one| one["name"] == name.as_str());
        let parameter = parameter.ok_or_else(|| format!("{path}: no parameter {name}"))?;
        check(&parameter["schema"], &json!(value)).map_err(|error| format!("{name} in {path}: {error}"))?;
    }
    for (name, value) in query {
        let parameter = of("query").into_iter().find(|one| one["name"] == name.as_str());
        let parameter = parameter.ok_or_else(|| format!("{path}: no query parameter {name}"))?;
        check(&parameter["schema"], &json!(value)).map_err(|error| format!("?{name}: {error}"))?;
    }
    let named =
        |name: &str| of("header").into_iter().any(|one| one["name"].as_str().unwrap().eq_ignore_ascii_case(name));
    if let Some(stranger) = headers.keys().find(|key| !ORDINARY.contains(&key.as_str()) && !named(key.as_str())) {
        return Err(format!("{path}: no header {stranger}"));
    }
    for parameter in of("header") {
        let name = parameter["name"].as_str().unwrap();
        if parameter["required"] == true && headers.get(name).is_none_or(|value| value.is_empty()) {
            return Err(format!("{path}: the header {name} is missing"));
        }
    }
    match (operation.get("requestBody"), body.is_empty()) {
        (None, false) => return Err(format!("{path} takes no body")),
        (None, true) => {}
        (Some(described), _) => {
            if headers.get("content-type").is_none_or(|value| value != "application/json") {
                return Err(format!("{path}: the body's type is not application/json"));
            }
            let value: Value = serde_json::from_slice(body).map_err(|error| format!("{path}: {error}"))?;
            let schema = &described["content"]["application/json"]["schema"];
            check(schema, &value).map_err(|error| format!("the body for {path}: {error}"))?;
        }
    }
    Ok(Operation(operation))
}

/// Says why the document does not describe an answer, if it does not.
pub(crate) fn check_answer(operation: &Operation, status: StatusCode, body: &str) -> Result<(), String> {
    let id = operation.id();
    let described = operation.0["responses"].get(status.as_str());
    let described = resolve(described.ok_or_else(|| format!("{id} never answers {status}"))?);
    let Some(schema) = described.get("content").map(|content| &content["application/json"]["schema"]) else {
        return if body.is_empty() { Ok(()) } else { Err(format!("{id} answers {status} without a body")) };
    };
    let value: Value = serde_json::from_str(body).map_err(|error| format!("{id}: {error}"))?;
    check(schema, &value).map_err(|error| format!("the answer of {id}: {error}"))
}

fn find(method: &Method, path: &str) -> Result<(&'static Value, PathValues), String> {
    let mut candidates: Vec<_> = DOCUMENT["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(template, operations)| Some((matches(template, path)?, operations)))
        .collect();
    // A literal part goes before a parameter.
    candidates.sort_by_key(|(found, _)| found.len());
    let (found, operations) = candidates.into_iter().next().ok_or_else(|| format!("there is no path {path}"))?;
    let operation = operations.get(method.as_str().to_ascii_lowercase());
    Ok((operation.ok_or_else(|| format!("{path} knows no {method}"))?, found))
}

fn matches(template: &str, path: &str) -> Option<PathValues> {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    if template.len() != path.len() {
        return None;
    }
    let mut found = Vec::new();
    for (expected, part) in template.into_iter().zip(path) {
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => found.push((name.to_owned(), part.to_owned())),
            None if expected == part => {}
            None => return None,
        }
    }
    Some(found)
}

fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(&reference[1..]).expect("references of the document are right"),
        None => value,
    }
}

fn check(schema: &Value, value: &Value) -> Result<(), String> {
    let mut schema = translate(schema);
    schema["components"] = json!({ "schemas": *SCHEMAS });
    let validator: Validator = jsonschema::options()
        .with_draft(Draft::Draft201909)
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{} at {:?}", error, error.instance_path().to_string()))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
}

/// OpenAPI 3.0 writes schemas nearly as JSON Schema does: `nullable` is its own, and documentation stands in between. An
/// object that names its properties has no others.
fn translate(schema: &Value) -> Value {
    let Some(object) = schema.as_object() else {
        return match schema.as_array() {
            Some(list) => Value::Array(list.iter().map(translate).collect()),
            None => schema.clone(),
        };
    };
    if let Some(reference) = object.get("$ref") {
        return json!({ "allOf": [{ "$ref": reference }] });
    }
    let mut plain = Map::new();
    for (key, value) in object {
        match key.as_str() {
            "description" | "example" | "examples" | "nullable" | "default" => {}
            key if key.starts_with("x-") => {}
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties: Map<_, _> = properties.map(|(name, value)| (name.clone(), translate(value))).collect();
                plain.insert(key.clone(), Value::Object(properties));
            }
            "required" | "enum" => drop(plain.insert(key.clone(), value.clone())),
            _ => drop(plain.insert(key.clone(), translate(value))),
        }
    }
    if plain.contains_key("properties") && !plain.contains_key("additionalProperties") {
        plain.insert("additionalProperties".into(), Value::Bool(false));
    }
    match object.get("nullable") {
        Some(Value::Bool(true)) => json!({ "anyOf": [plain, { "type": "null" }] }),
        _ => Value::Object(plain),
    }
}
