// SPDX licence expressions, as crates write them: `MIT OR Apache-2.0`, `(MIT OR ISC) AND Zlib`, the old `MIT/Apache-2.0`,
// `Apache-2.0 WITH LLVM-exception`. AND binds tighter than OR.

/** Whether somebody who accepts the licences in `allowed` may use a crate under `expression`. */
export function licenceAllowed(expression, allowed) {
  const tokens = expression.replaceAll("/", " OR ").match(/[()]|[^\s()]+/g) ?? [];
  let next = 0;

  function either() {
    let result = both();
    while (tokens[next] === "OR") {
      next += 1;
      // Evaluated first: the right side must be read even when the left one settles it.
      result = both() || result;
    }
    return result;
  }

  function both() {
    let result = one();
    while (tokens[next] === "AND") {
      next += 1;
      result = one() && result;
    }
    return result;
  }

  function one() {
    if (tokens[next] === "(") {
      next += 1;
      const result = either();
      next += 1; // the closing parenthesis
      return result;
    }
    let name = tokens[next];
    next += 1;
    if (tokens[next] === "WITH") {
      name += ` WITH ${tokens[next + 1]}`;
      next += 2;
    }
    return allowed.includes(name);
  }

  return either() && next >= tokens.length;
}
