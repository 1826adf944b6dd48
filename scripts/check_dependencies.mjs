// Checks the tree of dependencies without any tool beyond cargo and Node: sources, bans and licences (the lists of
// deny.toml), the arrows between the project's own crates, and the versions that must be the same in two places.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { licenceAllowed } from "./licence_expression.mjs";

// Which of the project's crates each may use. ARCHITECTURE.md says why.
const ARROWS = {
  model: [],
  protocol: ["model"],
  lab: ["model", "protocol"],
  store: ["model"],
  app: ["model", "protocol"],
  frontend: ["app"],
  server: ["app", "lab", "model", "protocol", "store"],
};

const problems = [];

// The quoted strings of a list in deny.toml: all of them, or those of one key in a list of tables.
function denyList(section, list, key) {
  const text = readFileSync("deny.toml", "utf8");
  const body = text.split(/^\[/m).find((part) => part.startsWith(`${section}]`)) ?? "";
  const items = body.match(new RegExp(`^${list} = \\[([^\\]]*)\\]`, "m"));
  if (!items) throw new Error(`deny.toml has no list ${section}.${list}`);
  const strings = key ? new RegExp(`${key} = "([^"]*)"`, "g") : /"([^"]*)"/g;
  return [...items[1].matchAll(strings)].map((match) => match[1]);
}

function lockedPackages() {
  return readFileSync("Cargo.lock", "utf8").split("[[package]]").slice(1).map((text) => {
    const field = (name) => text.match(new RegExp(`^${name} = "(.*)"$`, "m"))?.[1];
    return { name: field("name"), version: field("version"), source: field("source") };
  });
}

function checkLock(packages) {
  const registries = denyList("sources", "allow-registry").map((url) => `registry+${url}`);
  const banned = denyList("bans", "deny", "crate");
  for (const { name, version, source } of packages) {
    if (source && !registries.includes(source)) problems.push(`${name} ${version} comes from ${source}`);
    if (banned.includes(name)) problems.push(`${name} ${version} is banned, see deny.toml`);
  }
}

// A tool that writes code for a crate must be of the crate's own version.
function checkPins(packages) {
  const pinned = readFileSync("Cargo.toml", "utf8").match(/^wasm-bindgen = "=(.*)"$/m)?.[1];
  const locked = packages.filter(({ name }) => name === "wasm-bindgen").map(({ version }) => version);
  if (!pinned) problems.push("Cargo.toml does not pin wasm-bindgen to one version");
  else if (locked.some((version) => version !== pinned)) {
    problems.push(`Cargo.toml pins wasm-bindgen ${pinned}, Cargo.lock has ${locked.join(", ")}`);
  }
}

function checkLicences(packages) {
  const allowed = denyList("licenses", "allow");
  for (const { name, version, license } of packages) {
    if (!license) problems.push(`${name} ${version} names no licence`);
    else if (!licenceAllowed(license, allowed)) problems.push(`${name} ${version} is under "${license}"`);
  }
}

function checkArrows(packages) {
  for (const { name, dependencies } of packages) {
    const allowed = ARROWS[name];
    if (!allowed) {
      problems.push(`crate ${name} is not in the list of rooms in scripts/check_dependencies.mjs`);
      continue;
    }
    const own = dependencies.filter((dependency) => dependency.path).map((dependency) => dependency.name);
    for (const other of own) {
      if (other !== name && !allowed.includes(other)) problems.push(`${name} may not use ${other}`);
    }
  }
}

// Checksums say what is installed; where from is the user's own setting (.npmrc keeps it out of the locks).
function checkNpmLocks() {
  for (const file of ["end2end/package-lock.json", "scripts/build-tools/package-lock.json"]) {
    for (const [path, entry] of Object.entries(JSON.parse(readFileSync(file, "utf8")).packages)) {
      if (path && !entry.integrity) problems.push(`${file}: ${path} has no checksum`);
      if (entry.resolved) problems.push(`${file}: ${path} names the place it came from, ${entry.resolved}`);
    }
  }
}

const platforms = ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"].flatMap((name) => ["--filter-platform", name]);
const metadata = JSON.parse(
  execFileSync("cargo", ["metadata", "--format-version", "1", "--locked", ...platforms], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "inherit"],
  }),
);
// The resolved graph has what the platforms need; the package list alone has other platforms' crates too.
const used = new Set(metadata.resolve.nodes.map((node) => node.id));
const members = new Set(metadata.workspace_members);
const locked = lockedPackages();
checkLock(locked);
checkPins(locked);
checkLicences(metadata.packages.filter(({ id }) => used.has(id) && !members.has(id)));
checkArrows(metadata.packages.filter(({ id }) => members.has(id)));
checkNpmLocks();

for (const problem of problems) console.error(`error: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`${locked.length} locked packages, ${used.size} used: sources, bans, licences, arrows and pins are in order`);
