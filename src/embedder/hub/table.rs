//! Which tensors a file must hold: names and shapes, layer by layer.

/// Names and shapes, in the order of the network.
#[derive(Debug, Default)]
pub(super) struct Table(pub(super) Vec<(String, Vec<usize>)>);

impl Table {
    /// One tensor.
    pub(super) fn tensor(&mut self, name: impl Into<String>, shape: impl Into<Vec<usize>>) {
        self.0.push((name.into(), shape.into()));
    }

    /// `NAME.weight` of that shape (channels out first) and `NAME.bias`: a convolution, a linear map or a layer norm.
    pub(super) fn affine(&mut self, name: &str, shape: impl Into<Vec<usize>>) {
        let shape = shape.into();
        let bias = shape.first().copied().unwrap_or(0);
        self.tensor(format!("{name}.weight"), shape);
        self.tensor(format!("{name}.bias"), [bias]);
    }

    /// A batch-norm: gain, shift, and what it learnt about its input.
    pub(super) fn batch_norm(&mut self, name: &str, channels: usize) {
        for part in ["weight", "bias", "running_mean", "running_var"] {
            self.tensor(format!("{name}.{part}"), [channels]);
        }
    }

    /// A convolution without bias called `CONVOLUTION.weight`, and the batch-norm after it.
    pub(super) fn normed(&mut self, convolution: &str, norm: &str, shape: [usize; 4]) {
        self.tensor(format!("{convolution}.weight"), shape);
        self.batch_norm(norm, shape[0]);
    }
}
