//! Makes a picture in the terminal's language from a photo.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;
use ratatui::layout::Size;
use ratatui_image::picker::{Picker, ProtocolType};
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;
use ratatui_image::{FontSize, Resize};

use crate::ui::Picture;

/// A half-block cell as `ratatui-image` keeps it, in bytes.
const HALFBLOCK_BYTES: usize = 24;

/// Makes the photo fit into this many columns and lines. Its shape is kept: what a whole number of cells cannot hold,
/// at most half a cell at an edge, is cut off.
pub(super) fn encode(photo: &RgbImage, room: Size, picker: &Picker, sharp: bool) -> Result<Picture, String> {
    let font = picker.font_size();
    let size = cells(photo.dimensions(), room, font);
    let halfblocks = picker.protocol_type() == ProtocolType::Halfblocks;
    let (width, height) = if halfblocks { (1, 2) } else { (u32::from(font.width), u32::from(font.height)) };
    let pixels = (u32::from(size.width) * width, u32::from(size.height) * height);
    let shape = aspect(size, font);
    let resized = resize(photo, shape, pixels)?;
    let protocol = if halfblocks {
        Halfblocks::new(resized.into(), size).map(Protocol::Halfblocks)
    } else {
        picker.new_protocol(resized.into(), size, Resize::Fit(None))
    };
    let protocol = protocol.map_err(|error| error.to_string())?;
    let bytes = match &protocol {
        Protocol::Halfblocks(_) => size.area() as usize * HALFBLOCK_BYTES,
        Protocol::Sixel(sixel) => sixel.data.len(),
        Protocol::ITerm2(iterm2) => iterm2.data.len(),
        // RGBA, in base64.
        Protocol::Kitty(_) => pixels.0 as usize * pixels.1 as usize * 16 / 3,
    };
    Ok(Picture { protocol, bytes, sharp })
}

/// The pixels that fill this room; more of a photo would be lost.
pub(super) fn pixels(room: Size, picker: &Picker) -> (u32, u32) {
    let font = picker.font_size();
    let (width, height) = match picker.protocol_type() {
        ProtocolType::Halfblocks => (1, 2),
        _ => (font.width, font.height),
    };
    (u32::from(room.width) * u32::from(width), u32::from(room.height) * u32::from(height))
}

/// The columns and lines a photo of this shape covers in this room.
fn cells((width, height): (u32, u32), room: Size, font: FontSize) -> Size {
    let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let (font_width, font_height) = (f64::from(font.width.max(1)), f64::from(font.height.max(1)));
    let scale = (f64::from(room.width) * font_width / width).min(f64::from(room.height) * font_height / height);
    let side = |pixels: f64, cell: f64, most: u16| ((pixels * scale / cell).round() as u16).clamp(1, most.max(1));
    Size::new(side(width, font_width, room.width), side(height, font_height, room.height))
}

/// Width by height of so many cells on the screen.
fn aspect(size: Size, font: FontSize) -> f64 {
    let side = |cells: u16, pixels: u16| f64::from(cells.max(1)) * f64::from(pixels.max(1));
    side(size.width, font.width) / side(size.height, font.height)
}

/// The middle of the photo that has this shape, in exactly this many pixels.
fn resize(photo: &RgbImage, shape: f64, (width, height): (u32, u32)) -> Result<RgbImage, String> {
    let words = |error: &dyn ToString| error.to_string();
    let (full_width, full_height) = (f64::from(photo.width()), f64::from(photo.height()));
    let crop_width = full_width.min(full_height * shape).max(1.0);
    let crop_height = full_height.min(full_width / shape).max(1.0);
    let (left, top) = ((full_width - crop_width).max(0.0) / 2.0, (full_height - crop_height).max(0.0) / 2.0);
    let source =
        ImageRef::new(photo.width(), photo.height(), photo.as_raw(), PixelType::U8x3).map_err(|e| words(&e))?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new()
        .crop(left, top, crop_width, crop_height)
        .resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&source, &mut target, &options).map_err(|error| words(&error))?;
    RgbImage::from_raw(width, height, target.into_vec()).ok_or_else(|| "the picture is incomplete".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FONT: FontSize = FontSize::new(10, 20);

    #[test]
    fn a_photo_keeps_its_shape_in_whole_cells() {
        let room = Size::new(18, 8);
        assert_eq!(cells((4000, 3000), room, FONT), Size::new(18, 7));
        assert_eq!(cells((3000, 4000), room, FONT), Size::new(12, 8));
        assert_eq!(cells((90_000, 10), room, FONT), Size::new(18, 1));
        assert_eq!(cells((1, 1), room, FONT), Size::new(16, 8));
        assert_eq!(cells((0, 0), Size::new(1, 1), FONT), Size::new(1, 1));
    }

    #[test]
    fn every_protocol_fits_its_room() {
        for protocol in [ProtocolType::Halfblocks, ProtocolType::Kitty, ProtocolType::Sixel, ProtocolType::Iterm2] {
            let mut picker = Picker::halfblocks();
            picker.set_protocol_type(protocol);
            for (width, height) in [(64, 48), (48, 64), (1, 1), (300, 2)] {
                let photo = RgbImage::from_pixel(width, height, image::Rgb([9, 99, 199]));
                let picture = encode(&photo, Size::new(7, 4), &picker, true).unwrap();
                let size = picture.protocol.size();
                assert!((1..=7).contains(&size.width) && (1..=4).contains(&size.height), "{protocol:?} {size}");
                assert_eq!(size, cells((width, height), Size::new(7, 4), picker.font_size()));
                assert!(picture.bytes > 0);
            }
        }
    }
}
