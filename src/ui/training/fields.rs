//! A form: fields with a text each, some with choices to go through.

use crate::ui::words;

/// The longest text of a field, in characters.
const LONGEST: usize = 200;

/// What a field is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Labels,
    Depth,
    Mining,
    Margin,
    Length,
    Rate,
    LabelsPerBatch,
    PhotosPerLabel,
    Holdout,
    Seed,
    Parent,
    Name,
    Gentle,
}

/// One field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) key: Key,
    pub(super) name: &'static str,
    /// One line of what it does.
    pub(super) help: &'static str,
    pub(super) text: String,
    /// What left and right go through.
    pub(super) choices: Vec<String>,
    /// Whether something else can be typed.
    pub(super) free: bool,
}

impl Field {
    /// A field with its first choice.
    pub(super) fn new(key: Key, name: &'static str, help: &'static str, choices: &[&str]) -> Self {
        let choices: Vec<String> = choices.iter().map(|&choice| choice.to_owned()).collect();
        let text = choices.first().cloned().unwrap_or_default();
        Self { key, name, help, text, choices, free: false }
    }

    /// The same, and anything may be typed.
    pub(super) fn free(self) -> Self {
        Self { free: true, ..self }
    }

    /// The same with this text.
    pub(super) fn with(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }
}

/// All fields of a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) all: Vec<Field>,
    /// The one that has the keyboard.
    pub(super) at: usize,
    /// Whether the next character replaces the text.
    fresh: bool,
}

impl Fields {
    /// A form at its first field.
    pub(super) const fn new(all: Vec<Field>) -> Self {
        Self { all, at: 0, fresh: true }
    }

    /// The text of a field.
    pub(super) fn text(&self, key: Key) -> &str {
        self.all.iter().find(|field| field.key == key).map_or("", |field| field.text.trim())
    }

    /// Gives a field other choices; a text that is none of them any more becomes the first.
    pub(super) fn choose_from(&mut self, key: Key, choices: Vec<String>) {
        let Some(field) = self.all.iter_mut().find(|field| field.key == key) else { return };
        if !field.free && !choices.contains(&field.text) {
            field.text = choices.first().cloned().unwrap_or_default();
        }
        field.choices = choices;
    }

    /// Goes to another field; beyond the last comes the first.
    pub(super) fn go(&mut self, by: isize) {
        let len = self.all.len().max(1).cast_signed();
        self.at = (self.at.cast_signed() + by).rem_euclid(len).cast_unsigned();
        self.fresh = true;
    }

    /// Goes to the field of this key.
    pub(super) fn go_to(&mut self, key: Key) {
        self.at = self.all.iter().position(|field| field.key == key).unwrap_or(self.at);
        self.fresh = true;
    }

    /// Goes to the field at this place.
    pub(super) fn go_to_place(&mut self, place: usize) {
        self.at = place.min(self.all.len().saturating_sub(1));
        self.fresh = true;
    }

    /// The next choice, or an earlier one. From a text that is no choice to the first.
    pub(super) fn cycle(&mut self, by: isize) {
        let Some(field) = self.all.get_mut(self.at) else { return };
        let len = field.choices.len().cast_signed();
        let place = field.choices.iter().position(|choice| *choice == field.text);
        let next = match place {
            _ if len == 0 => return,
            Some(place) => (place.cast_signed() + by).rem_euclid(len).cast_unsigned(),
            None => 0,
        };
        field.text = field.choices.get(next).cloned().unwrap_or_default();
        self.fresh = true;
    }

    /// Takes a typed character: into the text, or to the next choice that begins with it.
    pub(super) fn typed(&mut self, character: char) {
        let fresh = std::mem::take(&mut self.fresh);
        let Some(field) = self.all.get_mut(self.at) else { return };
        if field.free {
            if fresh {
                field.text.clear();
            }
            if field.text.chars().count() < LONGEST {
                field.text.push(character);
            }
            return;
        }
        let here = field.choices.iter().position(|choice| *choice == field.text).unwrap_or(0);
        let mut order = (here + 1..field.choices.len()).chain(0..=here);
        let found = order.find_map(|place| field.choices.get(place).filter(|text| text.starts_with(character)));
        if let Some(text) = found {
            field.text.clone_from(text);
        }
    }

    /// Takes pasted text: its first line.
    pub(super) fn pasted(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        line.chars().filter(|character| !character.is_control()).for_each(|character| self.typed(character));
    }

    /// Takes the last character back.
    pub(super) fn erase(&mut self) {
        self.fresh = false;
        if let Some(field) = self.all.get_mut(self.at).filter(|field| field.free) {
            field.text.pop();
        }
    }

    /// What is drawn of a text in so many columns: its end matters while it is typed.
    pub(super) fn shown(field: &Field, columns: usize) -> String {
        words::cut_start(&field.text, columns).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        let margin = Field::new(Key::Margin, "margin", "", &["0.2", "0.5", "soft"]).free();
        Fields::new(vec![margin, Field::new(Key::Depth, "depth", "", &["automatic", "head", "tail"])])
    }

    #[test]
    fn the_first_character_replaces_and_the_others_follow() {
        let mut fields = fields();
        fields.typed('1');
        fields.typed('5');
        assert_eq!(fields.text(Key::Margin), "15");
        fields.erase();
        fields.pasted(".5\nmore");
        assert_eq!(fields.text(Key::Margin), "1.5");
        fields.cycle(1);
        assert_eq!(fields.text(Key::Margin), "0.2", "from a text that is no choice to the first");
        fields.cycle(-1);
        assert_eq!(fields.text(Key::Margin), "soft");
        fields.erase();
        fields.typed('t');
        assert_eq!(fields.text(Key::Margin), "soft");
    }

    #[test]
    fn letters_jump_to_choices_and_nothing_else_can_be_typed_there() {
        let mut fields = fields();
        fields.go(1);
        fields.typed('t');
        assert_eq!(fields.text(Key::Depth), "tail");
        fields.typed('x');
        fields.erase();
        assert_eq!(fields.text(Key::Depth), "tail");
        fields.choose_from(Key::Depth, vec!["head".to_owned()]);
        assert_eq!(fields.text(Key::Depth), "head");
        fields.go(1);
        assert_eq!(fields.at, 0);
        fields.go(-1);
        assert_eq!(fields.at, 1);
    }

    #[test]
    fn a_form_without_fields_does_nothing() {
        let mut fields = Fields::default();
        fields.go(-3);
        fields.cycle(1);
        fields.typed('x');
        fields.erase();
        assert_eq!((fields.at, fields.text(Key::Seed)), (0, ""));
    }
}
