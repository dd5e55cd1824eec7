//! HEIC and HEIF through libheif, with the feature `heic`; without it such a file is skipped with that reason.

#[cfg(feature = "heic")]
pub(super) use with::{decode, size};
#[cfg(not(feature = "heic"))]
pub(super) use without::{decode, size};

#[cfg(not(feature = "heic"))]
mod without {
    use crate::library::decode::DecodeError;
    use image::RgbImage;

    const MISSING: DecodeError = DecodeError::NeedsFeature { format: "HEIC", feature: "heic" };

    pub(in crate::library) const fn size(_: &[u8]) -> Result<(u32, u32), DecodeError> {
        Err(MISSING)
    }

    pub(in crate::library) const fn decode(_: &[u8]) -> Result<RgbImage, DecodeError> {
        Err(MISSING)
    }
}

#[cfg(feature = "heic")]
mod with {
    use crate::library::decode::DecodeError;
    use crate::library::format::PhotoFormat;
    use image::RgbImage;
    use libheif_rs::{ColorSpace, HeifContext, LibHeif, RgbChroma};

    fn broken(error: &impl ToString) -> DecodeError {
        DecodeError::broken(PhotoFormat::Heic, error)
    }

    pub(in crate::library) fn size(bytes: &[u8]) -> Result<(u32, u32), DecodeError> {
        let context = HeifContext::read_from_bytes(bytes).map_err(|error| broken(&error))?;
        let handle = context.primary_image_handle().map_err(|error| broken(&error))?;
        Ok((handle.width(), handle.height()))
    }

    pub(in crate::library) fn decode(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
        let context = HeifContext::read_from_bytes(bytes).map_err(|error| broken(&error))?;
        let handle = context.primary_image_handle().map_err(|error| broken(&error))?;
        let decoded = LibHeif::new().decode(&handle, ColorSpace::Rgb(RgbChroma::Rgb), None);
        let decoded = decoded.map_err(|error| broken(&error))?;
        let plane = decoded.planes().interleaved.ok_or_else(|| broken(&"it holds no pixels"))?;
        let width = plane.width as usize * 3;
        let rows = plane.data.chunks(plane.stride).take(plane.height as usize);
        let pixels: Vec<u8> = rows.flat_map(|row| row.iter().take(width).copied()).collect();
        RgbImage::from_raw(plane.width, plane.height, pixels)
            .ok_or_else(|| broken(&"it holds fewer pixels than it says"))
    }
}
