//! Numbers of any size, as version parts need them.

use std::cmp::Ordering;
use std::fmt;

/// A nonnegative integer without an upper bound; leading zeros do not matter.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Number {
    Small(u64),
    /// Does not fit in 64 bits, so it is above every `Small`.
    Big(Digits),
}

/// Decimal digits without leading zeros.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Digits(Box<str>);

impl Number {
    pub(crate) const ZERO: Self = Self::Small(0);

    /// Reads ASCII digits; `None` if there are none or something else is among them.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = text.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Self::ZERO);
        }
        Some(digits.parse().map_or_else(|_| Self::Big(Digits(digits.into())), Self::Small))
    }
}

impl Number {
    /// The number after it.
    pub(crate) fn successor(&self) -> Self {
        match self {
            Self::Small(number) => match number.checked_add(1) {
                Some(next) => Self::Small(next),
                None => Self::Big(Digits("18446744073709551616".into())),
            },
            Self::Big(Digits(digits)) => {
                let kept = digits.trim_end_matches('9');
                let zeros = "0".repeat(digits.len() - kept.len());
                let next = match kept.char_indices().next_back() {
                    Some((at, last)) => {
                        let raised =
                            char::from_digit(last.to_digit(10).unwrap_or(0) + 1, 10).unwrap_or('9');
                        format!("{}{raised}{zeros}", &kept[..at])
                    }
                    None => format!("1{zeros}"),
                };
                Self::Big(Digits(next.into()))
            }
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(number) => number.fmt(f),
            Self::Big(Digits(digits)) => f.write_str(digits),
        }
    }
}

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Splits `text` behind its leading ASCII digits.
pub(crate) fn split_digits(text: &str) -> (&str, &str) {
    split_while(text, |byte| byte.is_ascii_digit())
}

/// Splits `text` behind its leading bytes of a class, which must hold ASCII only.
pub(crate) fn split_while(text: &str, class: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|byte| !(byte.is_ascii() && class(byte)));
    text.split_at(end.unwrap_or(text.len()))
}

/// Numbers between single separators; `None` if a part is empty or not a number.
pub(crate) fn split_numbers(text: &str, separators: &[char]) -> Option<Box<[Number]>> {
    text.split(separators).map(Number::parse).collect()
}

/// Compares part by part, the shorter list filled up with `padding`.
pub(crate) fn cmp_padded<T: Ord>(left: &[T], right: &[T], padding: &T) -> Ordering {
    let longest = left.len().max(right.len());
    (0..longest)
        .map(|index| left.get(index).unwrap_or(padding).cmp(right.get(index).unwrap_or(padding)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Drops zeros from the end, for orders in which missing parts count as 0.
pub(crate) fn trim_zeros(numbers: &mut Vec<Number>) {
    while numbers.last() == Some(&Number::ZERO) {
        numbers.pop();
    }
}
