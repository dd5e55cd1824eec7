//! `--backbone`: which network, and where its weights are.

use super::{EmbedderError, Lite, SimdLevel, Variant};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The built-in network, or one of the family with its weights file: `lite0`, `lite2:FILE`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BackboneSpec {
    /// `EfficientNet-Lite0` with the weights in the program.
    #[default]
    Builtin,
    /// A network of the family with weights made by `assets/convert.py`.
    File(Variant, PathBuf),
}

/// The text names no backbone.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no backbone: write lite0 for the built-in one, or lite0:FILE .. lite4:FILE")]
pub struct ParseBackboneError(String);

impl FromStr for BackboneSpec {
    type Err = ParseBackboneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseBackboneError(text.to_owned());
        let (name, file) = text.split_once(':').map_or((text, None), |(name, file)| (name, Some(file)));
        let variant = Variant::ALL.into_iter().find(|v| v.name() == name).ok_or_else(wrong)?;
        match (variant, file) {
            (_, Some(file)) if !file.is_empty() => Ok(Self::File(variant, file.into())),
            (Variant::Lite0, None) => Ok(Self::Builtin),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for BackboneSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin => f.write_str(Variant::Lite0.name()),
            Self::File(variant, path) => write!(f, "{}:{}", variant.name(), path.display()),
        }
    }
}

impl BackboneSpec {
    /// Reads the weights and packs them. Errors name the file and what is wrong with it.
    pub fn load(&self) -> Result<Lite, EmbedderError> {
        let Self::File(variant, path) = self else { return super::builtin() };
        let bytes = std::fs::read(path).map_err(|source| EmbedderError::Unreadable { path: path.clone(), source })?;
        Lite::from_bytes(&bytes, *variant, SimdLevel::detect()).map_err(|source| EmbedderError::Unfit {
            path: path.clone(),
            variant: variant.name(),
            source: Box::new(source),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        for text in ["lite0", "lite2:weights/lite2.safetensors", "lite0:C:\\w.safetensors"] {
            assert_eq!(text.parse::<BackboneSpec>().map(|s| s.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "lite2", "lite2:", "lite9:x", "resnet", ":x"] {
            assert!(text.parse::<BackboneSpec>().is_err(), "{text}");
        }
    }

    #[test]
    fn errors_name_the_file() {
        let missing =
            "lite2:no/such/file".parse::<BackboneSpec>().map(|s| s.load().map(|_| ()).unwrap_err().to_string());
        assert!(missing.is_ok_and(|m| m.starts_with("cannot read the weights no/such/file: ")));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        std::fs::write(&path, "junk").unwrap();
        let unfit = BackboneSpec::File(Variant::Lite1, path.clone()).load().map(|_| ()).unwrap_err().to_string();
        let start = format!("the weights {} do not fit lite1: not a safetensors file", path.display());
        assert!(unfit.starts_with(&start), "{unfit}");
    }
}
