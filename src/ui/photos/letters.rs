//! Which letters a name has, in two numbers: most names that do not contain a text are passed over without being read.

/// The letters of a text and its pairs of letters, upper and lower case being the same. Several pairs share a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letters {
    single: u64,
    pairs: u64,
}

impl Letters {
    /// Those of a name. Beyond ASCII a letter may be written in several ways: such a name may contain anything.
    pub(super) fn of_name(name: &str) -> Self {
        if name.is_ascii() { Self::of(name) } else { Self { single: u64::MAX, pairs: u64::MAX } }
    }

    /// Those of a text.
    pub(super) fn of(text: &str) -> Self {
        let (mut letters, mut before) = (Self { single: 0, pairs: 0 }, None);
        for byte in text.bytes().map(|byte| byte.to_ascii_lowercase()) {
            letters.single |= 1 << (byte % 32 + if byte < 64 { 32 } else { 0 });
            if let Some(before) = before.replace(byte) {
                letters.pairs |= 1 << (before.wrapping_mul(31).wrapping_add(byte) % 64);
            }
        }
        letters
    }

    /// Whether a name with these letters may contain a text with those.
    pub(super) const fn may_contain(self, wanted: Self) -> bool {
        wanted.single & !self.single == 0 && wanted.pairs & !self.pairs == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::words;
    use proptest::prelude::*;

    #[test]
    fn most_names_without_a_text_are_passed_over() {
        let name = Letters::of_name("label 003/IMG_000123.JPG");
        let may = |text| name.may_contain(Letters::of(text));
        assert!(may("img_0001") && may("") && may("123.jpg") && may("l"));
        assert!(!may("zzz") && !may("997") && !may("jpeg") && !may("ü"));
        assert!(Letters::of_name("K\u{212a}ü").may_contain(Letters::of("kk")));
    }

    proptest! {
        #[test]
        fn no_name_with_the_text_is_passed_over(name in "[a-cA-C_ü葡K0-3]{0,12}", text in "[a-c_ü葡k0-3]{0,3}") {
            if words::contains(&name, &text) {
                prop_assert!(Letters::of_name(&name).may_contain(Letters::of(&text)));
            }
        }
    }
}
