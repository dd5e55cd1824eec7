//! What pictures are drawn with: it changes when the cells of the terminal get another size.

use std::sync::{Arc, PoisonError, RwLock};

use ratatui::layout::Size;
use ratatui_image::FontSize;
use ratatui_image::picker::Picker;

/// The picker in use, shared by all who draw.
#[derive(Debug)]
pub(super) struct Pens {
    picker: RwLock<Arc<Picker>>,
}

impl Pens {
    pub(super) fn new(picker: Picker) -> Self {
        Self { picker: RwLock::new(Arc::new(picker)) }
    }

    /// The picker for one picture.
    pub(super) fn picker(&self) -> Arc<Picker> {
        Arc::clone(&self.picker.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on a cell has so many pixels.
    pub(super) fn set_cell(&self, cell: Size) {
        let next = with_cell(&self.picker(), FontSize::new(cell.width, cell.height));
        *self.picker.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}

#[expect(deprecated, reason = "it is the only way to give a picker another size without asking the terminal again")]
fn with_cell(picker: &Picker, cell: FontSize) -> Picker {
    let mut next = Picker::from_fontsize(cell);
    next.set_protocol_type(picker.protocol_type());
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::picture::pixels;
    use ratatui_image::picker::ProtocolType;

    #[test]
    fn pictures_have_the_pixels_of_the_cells_of_now_in_the_same_protocol() {
        let mut picker = Picker::halfblocks();
        picker.set_protocol_type(ProtocolType::Sixel);
        let pens = Pens::new(picker);
        pens.set_cell(Size::new(14, 31));
        let picker = pens.picker();
        assert_eq!(picker.protocol_type(), ProtocolType::Sixel);
        assert_eq!(pixels(Size::new(10, 2), &picker), (140, 62));
    }
}
