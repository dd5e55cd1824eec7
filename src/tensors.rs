//! The numbers of tensors on the CPU, as slices: what an operation of our own reads and writes.

use std::ops::Range;

use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor};

/// The numbers of a contiguous tensor.
pub(crate) fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    storage.as_slice::<f32>()?.get(span(layout)?).ok_or_else(outside)
}

/// The same, to be changed in place.
pub(crate) fn numbers_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let CpuStorage::F32(all) = storage else { return Err(Error::Msg("its numbers are not f32".to_owned())) };
    all.get_mut(span(layout)?).ok_or_else(outside)
}

/// `work` on the numbers of a tensor.
pub(crate) fn with_numbers<R>(tensor: &Tensor, work: impl FnOnce(&[f32]) -> Result<R>) -> Result<R> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => work(numbers(storage, layout)?),
        _ => Err(Error::Msg("the tensor is not on the CPU".to_owned())),
    }
}

fn span(layout: &Layout) -> Result<Range<usize>> {
    let (from, to) = layout.contiguous_offsets().ok_or_else(|| Error::Msg("not contiguous".to_owned()))?;
    Ok(from..to)
}

fn outside() -> Error {
    Error::Msg("outside its storage".to_owned())
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;

    #[test]
    fn a_part_of_a_tensor_is_read_where_it_lies() {
        let whole = Tensor::arange(0.0_f32, 12.0, &Device::Cpu).unwrap().reshape((4, 3)).unwrap();
        let read = |tensor: &Tensor| with_numbers(tensor, |numbers| Ok(numbers.to_vec()));
        assert_eq!(read(&whole.narrow(0, 1, 2).unwrap()).unwrap(), [3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert_eq!(read(&whole.narrow(1, 1, 1).unwrap()).unwrap(), [1.0, 4.0, 7.0, 10.0]);
        assert!(read(&whole.to_dtype(DType::F64).unwrap()).is_err());
        let columns = whole.t().unwrap();
        let (storage, layout) = columns.storage_and_layout();
        let Storage::Cpu(storage) = &*storage else { panic!("it is on the CPU") };
        assert!(numbers(storage, layout).unwrap_err().to_string().contains("not contiguous"));
    }
}
