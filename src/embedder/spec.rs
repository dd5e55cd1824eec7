//! `--backbone`: which network, and where its weights are.

use super::{Accelerated, Backbone, EmbedderError, HubBackbone, HubNetwork, Lite, Processor, SimdLevel, Variant};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// Larger files are not read: the largest weights that any of the networks may have are those of `dinov2-small` in f32, 88 MB.
const MOST_MEGABYTES: u64 = 500;

/// The built-in network, or another with its weights file: `lite0`, `lite2:FILE`, `resnet18:FILE`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BackboneSpec {
    /// `EfficientNet-Lite0` with the weights in the program.
    #[default]
    Builtin,
    /// A network of the family with weights made by `assets/convert.py`.
    File(Variant, PathBuf),
    /// A published network with its weights as they are on the hub.
    Hub(HubNetwork, PathBuf),
}

/// The text names no backbone.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no backbone: write lite0 for the built-in one, or lite0:FILE .. lite4:FILE, {hub}", hub = hub_forms())]
pub struct ParseBackboneError(String);

/// `dinov2-small:FILE, ... or convnext-atto:FILE`.
fn hub_forms() -> String {
    let forms = HubNetwork::ALL.map(|network| format!("{}:FILE", network.name()));
    forms.join(", ")
}

impl FromStr for BackboneSpec {
    type Err = ParseBackboneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == Variant::Lite0.name() {
            return Ok(Self::Builtin);
        }
        let wrong = || ParseBackboneError(text.to_owned());
        let (name, file) = text.split_once(':').filter(|(_, file)| !file.is_empty()).ok_or_else(wrong)?;
        let lite = Variant::ALL.into_iter().find(|variant| variant.name() == name);
        let hub = HubNetwork::ALL.into_iter().find(|network| network.name() == name);
        let lite = lite.map(|variant| Self::File(variant, file.into()));
        lite.or(hub.map(|network| Self::Hub(network, file.into()))).ok_or_else(wrong)
    }
}

impl fmt::Display for BackboneSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin => f.write_str(Variant::Lite0.name()),
            Self::File(variant, path) => write!(f, "{}:{}", variant.name(), path.display()),
            Self::Hub(network, path) => write!(f, "{}:{}", network.name(), path.display()),
        }
    }
}

impl BackboneSpec {
    /// Reads the weights and makes the network ready on the first device of the kind. Errors name the file, what was expected and what was found.
    pub fn load(&self, processor: Processor) -> Result<Arc<dyn Backbone>, EmbedderError> {
        let device = processor.open()?;
        let ready = |lite: Lite| -> Result<Arc<dyn Backbone>, EmbedderError> {
            if device.is_cpu() { Ok(Arc::new(lite)) } else { Ok(Arc::new(Accelerated::new(lite, &device)?)) }
        };
        let unfit = |network: &'static str, path: &Path, source: EmbedderError| EmbedderError::Unfit {
            path: path.to_owned(),
            network,
            source: Box::new(source),
        };
        match self {
            Self::Builtin => ready(super::builtin()?),
            Self::File(variant, path) => {
                let level = SimdLevel::detect()?;
                let lite = read(path).map(|bytes| Lite::from_bytes(bytes, *variant, level))?;
                ready(lite.map_err(|source| unfit(variant.name(), path, source))?)
            }
            Self::Hub(network, _) if !device.is_cpu() => Err(EmbedderError::OnlyOnProcessor(network.name())),
            Self::Hub(network, path) => {
                let hub = read(path).map(|bytes| HubBackbone::from_bytes(&bytes, *network))?;
                Ok(Arc::new(hub.map_err(|source| unfit(network.name(), path, source))?))
            }
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, EmbedderError> {
    let unreadable = |source| EmbedderError::Unreadable { path: path.to_owned(), source };
    let megabytes = std::fs::metadata(path).map_err(unreadable)?.len() / 1_000_000;
    if megabytes > MOST_MEGABYTES {
        return Err(EmbedderError::TooLarge { path: path.to_owned(), megabytes, most: MOST_MEGABYTES });
    }
    std::fs::read(path).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        for text in [
            "lite0",
            "lite2:weights/lite2.safetensors",
            "lite0:C:\\w.safetensors",
            "dinov2-small:d",
            "convnext-atto:a:b",
        ] {
            assert_eq!(text.parse::<BackboneSpec>().map(|s| s.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "lite2", "lite2:", "lite9:x", "resnet", "resnet18", "resnet18:", "convnext:x", ":x"] {
            assert!(text.parse::<BackboneSpec>().is_err(), "{text}");
        }
    }

    #[test]
    fn errors_name_the_file() {
        let missing = "lite2:no/such/file"
            .parse::<BackboneSpec>()
            .map(|s| s.load(Processor::Cpu).map(|_| ()).unwrap_err().to_string());
        assert!(missing.is_ok_and(|m| m.starts_with("cannot read the weights no/such/file: ")));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        std::fs::write(&path, "junk").unwrap();
        let unfit =
            BackboneSpec::File(Variant::Lite1, path.clone()).load(Processor::Cpu).map(|_| ()).unwrap_err().to_string();
        let start = format!("the weights {} do not fit lite1: not a safetensors file", path.display());
        assert!(unfit.starts_with(&start), "{unfit}");
    }
}
