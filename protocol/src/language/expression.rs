//! Arithmetic over f, n and a protocol's own constants: `2f + 1`, `(n + f) / 2 + 1`, `3f + 1`.

use std::fmt;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A number.
    Number(i64),
    /// A name: `f`, `n`, or a constant of the protocol.
    Name(String),
    /// Two expressions joined by `+ - * /`; division rounds down.
    Operation(Box<Expression>, char, Box<Expression>),
}

/// Why a text is not an expression, or has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError(pub String);

impl fmt::Display for ExpressionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

const MAX_LENGTH: usize = 100;

impl Expression {
    /// Reads an expression; a number directly before a name or a bracket multiplies it.
    ///
    /// # Errors
    /// A sentence that says what is not understood.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > MAX_LENGTH {
            return Err(ExpressionError(format!("the expression has more than {MAX_LENGTH} characters")));
        }
        let characters: Vec<char> = text.chars().filter(|each| !each.is_whitespace()).collect();
        let mut parser = ExpressionParser { characters: &characters, position: 0 };
        let expression = parser.sum()?;
        match parser.peek() {
            None => Ok(expression),
            Some(extra) => Err(ExpressionError(format!("{extra:?} is not understood in {text:?}"))),
        }
    }

    /// The value, given the values of names.
    ///
    /// # Errors
    /// An unknown name, a division by zero, or a number beyond all bounds.
    pub fn evaluate(&self, lookup: &dyn Fn(&str) -> Option<i64>) -> Result<i64, ExpressionError> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Name(name) => lookup(name).ok_or_else(|| {
                ExpressionError(format!(
                    "{name} is not known here: use f, an integer under protocol.general, or in a quorum n"
                ))
            }),
            Self::Operation(left, operator, right) => {
                let (left, right) = (left.evaluate(lookup)?, right.evaluate(lookup)?);
                match operator {
                    '+' => left.checked_add(right),
                    '-' => left.checked_sub(right),
                    '*' => left.checked_mul(right),
                    _ => left.checked_div_euclid(right),
                }
                .ok_or_else(|| ExpressionError(format!("{left} {operator} {right} has no value")))
            }
        }
    }
}

impl fmt::Display for Expression {
    /// As people write it: `2f + 1`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |side: &Self| match side {
            Self::Operation(_, '+' | '-', _) => format!("({side})"),
            other => other.to_string(),
        };
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Name(name) => formatter.write_str(name),
            Self::Operation(left, '+', right) => write!(formatter, "{left} + {right}"),
            Self::Operation(left, '-', right) => write!(formatter, "{left} - {}", inner(right)),
            Self::Operation(left, '*', right) => match (left.as_ref(), right.as_ref()) {
                (Self::Number(number), Self::Name(name)) => write!(formatter, "{number}{name}"),
                _ => write!(formatter, "{} * {}", inner(left), inner(right)),
            },
            Self::Operation(left, operator, right) => {
                let right = match right.as_ref() {
                    Self::Operation(..) => format!("({right})"),
                    other => other.to_string(),
                };
                write!(formatter, "{} {operator} {right}", inner(left))
            }
        }
    }
}

struct ExpressionParser<'a> {
    characters: &'a [char],
    position: usize,
}

impl ExpressionParser<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    fn sum(&mut self) -> Result<Expression, ExpressionError> {
        let mut left = self.product()?;
        while let Some(operator @ ('+' | '-')) = self.peek() {
            self.position += 1;
            left = Expression::Operation(Box::new(left), operator, Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, ExpressionError> {
        let mut left = self.term()?;
        loop {
            match self.peek() {
                Some(operator @ ('*' | '/')) => {
                    self.position += 1;
                    left = Expression::Operation(Box::new(left), operator, Box::new(self.term()?));
                }
                // "2f" and "2(n - f)" multiply.
                Some(next) if next == '(' || next.is_alphabetic() => {
                    left = Expression::Operation(Box::new(left), '*', Box::new(self.term()?));
                }
                _ => return Ok(left),
            }
        }
    }

    fn term(&mut self) -> Result<Expression, ExpressionError> {
        match self.peek() {
            Some('(') => {
                self.position += 1;
                let inner = self.sum()?;
                match self.peek() {
                    Some(')') => {
                        self.position += 1;
                        Ok(inner)
                    }
                    _ => Err(ExpressionError("a closing bracket is missing".to_owned())),
                }
            }
            Some(first) if first.is_ascii_digit() => {
                let digits = self.take(|each| each.is_ascii_digit());
                digits
                    .parse()
                    .map(Expression::Number)
                    .map_err(|_| ExpressionError(format!("{digits} is too large a number")))
            }
            Some(first) if first.is_alphabetic() => {
                Ok(Expression::Name(self.take(|each| each.is_alphanumeric() || each == '_')))
            }
            Some(other) => Err(ExpressionError(format!("{other:?} is not understood"))),
            None => Err(ExpressionError("a number or a name is missing".to_owned())),
        }
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> String {
        let start = self.position;
        while self.peek().is_some_and(&accept) {
            self.position += 1;
        }
        self.characters[start..self.position].iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<i64, ExpressionError> {
        Expression::parse(text)?.evaluate(&|name| match name {
            "f" => Some(2),
            "n" => Some(7),
            _ => None,
        })
    }

    #[test]
    fn quorums_of_the_papers_have_their_values() {
        for (text, expected) in
            [("2f + 1", 5), ("f+1", 3), ("3f+1", 7), ("3", 3), ("2n-1", 13), ("(n + f) / 2 + 1", 5), ("2(n - f)", 10)]
        {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_expression_is_shown_as_people_write_it() {
        for text in ["2f + 1", "(n + f) / 2 + 1", "n - f", "2 * (n - f)", "n - (f + 1)", "8 / (4 / 2)"] {
            assert_eq!(Expression::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_arithmetic_is_refused_with_a_sentence() {
        for text in [
            "",
            "2g + 1",
            "2f +",
            "(f",
            "f $ 1",
            "1 / 0",
            "99999999999999999999",
            "9999999999999999 * 9999999999999999",
        ] {
            assert!(value(text).is_err(), "{text}");
        }
    }
}
