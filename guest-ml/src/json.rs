//! The few lines of JSON that reports need.

use std::fmt::Write;

/// Writes one JSON value after another; commas are put where they belong.
#[derive(Debug, Default)]
pub(crate) struct Json {
    text: String,
}

impl Json {
    /// The text written so far.
    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// `{...}`
    pub(crate) fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.bracket('{', '}', fields);
    }

    /// `[...]`, one item for each value.
    pub(crate) fn array<T>(
        &mut self,
        values: impl IntoIterator<Item = T>,
        item: impl Fn(&mut Self, T),
    ) {
        self.bracket('[', ']', |json| {
            values.into_iter().for_each(|value| item(json, value))
        });
    }

    /// `"key":` in front of a value.
    pub(crate) fn key(&mut self, key: &str) -> &mut Self {
        self.string(key);
        self.text.push(':');
        self
    }

    /// A string.
    pub(crate) fn string(&mut self, value: &str) {
        self.separate();
        self.text.push('"');
        for character in value.chars() {
            self.escaped(character);
        }
        self.text.push('"');
    }

    /// An integer.
    pub(crate) fn number(&mut self, value: impl Into<i128>) {
        self.separate();
        let _infallible = write!(self.text, "{}", value.into());
    }

    /// Nothing.
    pub(crate) fn null(&mut self) {
        self.separate();
        self.text.push_str("null");
    }

    fn escaped(&mut self, character: char) {
        match character {
            '"' => self.text.push_str("\\\""),
            '\\' => self.text.push_str("\\\\"),
            control if control < ' ' => {
                let _infallible = write!(self.text, "\\u{:04x}", u32::from(control));
            }
            other => self.text.push(other),
        }
    }

    fn bracket(&mut self, open: char, close: char, inside: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push(open);
        inside(self);
        self.text.push(close);
    }

    fn separate(&mut self) {
        if self.text.ends_with(|last| !matches!(last, '{' | '[' | ':')) && !self.text.is_empty() {
            self.text.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_json_asks_for() {
        let mut json = Json::default();
        json.object(|json| {
            json.key("a\"b")
                .array([1_u8, 2], |json, value| json.number(value));
            json.key("empty")
                .array([0_u8; 0], |json, value| json.number(value));
            json.key("text").string("line\nend\\:");
            json.key("more").object(|json| json.key("x").string(""));
        });
        let expected = r#"{"a\"b":[1,2],"empty":[],"text":"line\u000aend\\:","more":{"x":""}}"#;
        assert_eq!(json.finish(), expected);
    }
}
