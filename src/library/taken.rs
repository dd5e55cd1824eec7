//! A time as a person writes it: a year, a month or a day.

use std::fmt;
use std::str::FromStr;

/// A year, a month or a day: `2021`, `2021-05` or `2021-05-03`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken(String);

/// The text is no date.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no date; write 2021, 2021-05 or 2021-05-03")]
pub struct ParseTakenError(String);

impl FromStr for Taken {
    type Err = ParseTakenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseTakenError(text.to_owned());
        let number = |part: &str, digits: usize| {
            let is_number = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| part.parse::<u32>().ok()).flatten().ok_or_else(wrong)
        };
        let mut parts = text.split('-');
        number(parts.next().unwrap_or_default(), 4)?;
        for most in [12, 31] {
            if let Some(part) = parts.next() {
                (1..=most).contains(&number(part, 2)?).then_some(()).ok_or_else(wrong)?;
            }
        }
        let day = text.get(8..10).and_then(|day| day.parse::<u32>().ok());
        let month = text.get(5..7).and_then(|month| month.parse::<u32>().ok());
        let year = text.get(..4).and_then(|year| year.parse::<u32>().ok());
        let is_there = day.zip(month).zip(year).is_none_or(|((day, month), year)| day <= days_of(month, year));
        if parts.next().is_some() || !is_there { Err(wrong()) } else { Ok(Self(text.to_owned())) }
    }
}

/// Days of a month in the calendar of today.
const fn days_of(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Taken {
    /// Whether a time from here to `end` has any day in it.
    pub fn may_begin(&self, end: &Self) -> bool {
        let both = self.0.len().min(end.0.len());
        self.0.get(..both) <= end.0.get(..both)
    }

    /// Whether a photo's date (`YYYY-MM-DD HH:MM:SS`) lies in this year, month or day, or later.
    pub fn is_reached_by(&self, date: &str) -> bool {
        self.of(date) >= self.0.as_str()
    }

    /// Whether a photo's date lies in this year, month or day, or earlier.
    pub fn is_not_passed_by(&self, date: &str) -> bool {
        self.of(date) <= self.0.as_str()
    }

    /// As much of a photo's date as this one says.
    fn of<'a>(&self, date: &'a str) -> &'a str {
        date.get(..self.0.len()).unwrap_or(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_days_only_when_it_does_not_end_before_it_begins() {
        let begins = |from: &str, to: &str| from.parse::<Taken>().unwrap().may_begin(&to.parse().unwrap());
        assert!(begins("2021-05", "2021") && begins("2021", "2021-01-01") && begins("2020", "2021"));
        assert!(!begins("2022", "2021") && !begins("2021-06-01", "2021-05"));
    }

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        assert!("2020-02-29".parse::<Taken>().is_ok());
        for wrong in [
            "2021-02-29",
            "2021-02-31",
            "2021-04-31",
            "1900-02-29",
            "",
            "21",
            "2021-13",
            "2021-5",
            "2021-05-32",
            "2021-05-03-01",
            "2021/05",
            "2021-00",
            "+021",
        ] {
            assert_eq!(wrong.parse::<Taken>(), Err(ParseTakenError(wrong.to_owned())));
        }
    }
}
