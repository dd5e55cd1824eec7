//! The tail against the fast path, against Candle's own operations, and there and back again.

use super::*;
use crate::embedder::{Backbone, Scratch, builtin};
use candle_core::{DType, Module};
use candle_nn::{Conv2d, Conv2dConfig};

fn photo(seed: usize) -> Vec<f32> {
    let value = |i: usize| ((i * (7 + seed)) % 256) as f32 + ((i / 672) * (3 + seed) % 97) as f32;
    (0..224 * 224 * 3).map(|i| (value(i) % 256.0 - 127.0) / 128.0).collect()
}

/// What comes in `[photos, side, side, channels]` before `cut`.
fn activations(lite: &Lite, photos: usize, cut: usize) -> Tensor {
    let mut scratch = Scratch::default();
    if cut == 0 {
        let all: Vec<f32> = (0..photos).flat_map(photo).collect();
        return Tensor::from_vec(all, (photos, 224, 224, 3), &Device::Cpu).unwrap();
    }
    let all: Vec<f32> = (0..photos).flat_map(|n| lite.activations(&photo(n), cut, &mut scratch).unwrap()).collect();
    let block = lite::blocks(Variant::Lite0)[cut];
    Tensor::from_vec(all, (photos, block.side, block.side, block.input), &Device::Cpu).unwrap()
}

fn rows(t: &Tensor) -> Vec<Vec<f32>> {
    t.to_vec2().unwrap()
}

/// Largest difference of two tensors, as a share of the largest number.
fn apart(a: &Tensor, b: &Tensor) -> f32 {
    let largest = |t: &Tensor| t.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
    largest(&(a - b).unwrap()) / largest(b).max(1e-20)
}

#[test]
fn the_tail_continues_where_the_fast_path_was_cut() {
    let (lite, mut scratch) = (builtin().unwrap(), Scratch::default());
    for cut in [0, 1, 5, 11, 15] {
        let tail = lite.tail(cut, &Device::Cpu).unwrap();
        assert_eq!((tail.cut(), tail.backbone()), (cut, lite.id()));
        let input = activations(&lite, 3, cut);
        let features = rows(&tail.forward(&input).unwrap());
        assert_eq!(rows(&tail.features(&input).unwrap()), features, "cut {cut}, nothing kept");
        for (n, row) in features.iter().enumerate() {
            let fast = lite.features(&photo(n), &mut scratch).unwrap();
            let largest = fast.iter().fold(0f32, |m, v| m.max(v.abs()));
            assert!(fast.iter().zip(row).all(|(a, b)| (a - b).abs() <= 1e-4 * largest), "cut {cut}, photo {n}");
        }
    }
}

#[test]
fn variables_are_named_and_know_their_depth() {
    let lite = builtin().unwrap();
    let tail = lite.tail(11, &Device::Cpu).unwrap();
    assert_eq!((tail.input(), tail.vars().len()), ((14, 112), 5 * 6 + 2));
    let of = |name: &str| tail.vars().iter().find(|v| v.name == name).map(|v| (v.depth, v.var.dims().to_vec()));
    assert_eq!(of("tail.blocks.11.expand.weight"), Some((6, vec![112, 672])));
    assert_eq!(of("tail.blocks.15.depthwise.weight"), Some((2, vec![3, 3, 1152])));
    assert_eq!(of("tail.head.bias"), Some((1, vec![1280])));
    assert!(lite.tail(16, &Device::Cpu).is_err());
    let whole = lite.tail(0, &Device::Cpu).unwrap();
    assert_eq!((whole.input(), whole.vars().len()), ((224, 3), 2 + 4 + 15 * 6 + 2));
    assert_eq!((whole.vars()[0].name.as_str(), whole.vars()[0].depth), ("tail.stem.weight", 18));
    let wrong = Tensor::zeros((2, 7, 7, 112), DType::F32, &Device::Cpu).unwrap();
    let message = tail.forward(&wrong).unwrap_err().to_string();
    assert!(message.contains("[7, 7, 112], expected [14, 14, 112]"), "{message}");
}

#[test]
fn a_changed_tail_goes_back_to_the_fast_path_under_another_id() {
    let (lite, mut scratch) = (builtin().unwrap(), Scratch::default());
    let tail = lite.tail(11, &Device::Cpu).unwrap();
    for v in tail.vars() {
        v.var.set(&(v.var.as_tensor() * 1.02).unwrap()).unwrap();
    }
    let bytes = tail.to_safetensors().unwrap();
    assert_eq!((bytes.clone(), Lite::cut_of(&bytes).unwrap()), (tail.to_safetensors().unwrap(), 11));
    let tuned = lite.with_tail(&bytes).unwrap();
    assert_eq!((tuned.base_id(), tuned.id().len()), (lite.id(), 18));
    assert_ne!(tuned.id(), lite.id());
    let (row, fast) =
        (rows(&tail.forward(&activations(&lite, 1, 11)).unwrap()), tuned.features(&photo(0), &mut scratch).unwrap());
    let largest = fast.iter().fold(0f32, |m, v| m.max(v.abs()));
    assert!(fast.iter().zip(&row[0]).all(|(a, b)| (a - b).abs() <= 1e-4 * largest));
    assert_ne!(fast, lite.features(&photo(0), &mut scratch).unwrap());
    // Training goes on from the tuned weights, and nothing is stacked: the tail of the tuned backbone still belongs to the base.
    let again = tuned.tail(11, &Device::Cpu).unwrap();
    assert_eq!(again.to_safetensors().unwrap(), bytes);
    assert_eq!(lite.with_tail(&again.to_safetensors().unwrap()).unwrap().id(), tuned.id());
}

#[test]
fn a_tail_of_another_backbone_is_refused_with_both_names() {
    let lite = builtin().unwrap();
    let other = Tail { backbone: "lite2-0123456789ab".to_owned(), ..lite.tail(15, &Device::Cpu).unwrap() };
    let error = lite.with_tail(&other.to_safetensors().unwrap()).map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, format!("the tail was trained on backbone `lite2-0123456789ab`, not on `{}`", lite.id()));
    assert!(lite.with_tail(b"nonsense").is_err());
}

/// The gradients of all variables of `sum(y^2)`.
fn gradients(vars: &[TailVar], y: &Tensor) -> Vec<Tensor> {
    let store = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
    vars.iter().map(|v| store.get(&v.var).unwrap().clone()).collect()
}

#[test]
fn the_whole_tail_has_the_gradients_of_candles_own_operations() {
    let lite = builtin().unwrap();
    let tail = lite.tail(11, &Device::Cpu).unwrap();
    let x = Var::from_tensor(&activations(&lite, 5, 11)).unwrap();
    let y = tail.forward(&x).unwrap();
    let mut plain = x.as_tensor().clone();
    let mut rest = tail.vars();
    for block in &tail.blocks {
        let (vars, after) = rest.split_at(6);
        plain = plain::block(block, vars, &plain).unwrap();
        rest = after;
    }
    let plain = plain::last(rest, &plain).unwrap();
    assert!(apart(&y, &plain) < 1e-5, "features {}", apart(&y, &plain));
    for ((v, ours), theirs) in tail.vars().iter().zip(gradients(tail.vars(), &y)).zip(gradients(tail.vars(), &plain)) {
        assert!(apart(&ours, &theirs) < 1e-3, "{} {}", v.name, apart(&ours, &theirs));
    }
    let by_x = |y: &Tensor| y.sqr().unwrap().sum_all().unwrap().backward().unwrap().get(&x).unwrap().clone();
    assert!(apart(&by_x(&y), &by_x(&plain)) < 1e-3);
}

#[test]
fn the_stem_has_the_result_and_gradients_of_candles_conv2d() {
    let lite = builtin().unwrap();
    let tail = lite.tail(0, &Device::Cpu).unwrap();
    let vars = &tail.vars()[..2];
    let x = Var::from_tensor(&activations(&lite, 2, 0)).unwrap();
    let padded = x.permute((0, 3, 1, 2)).unwrap().pad_with_zeros(2, 0, 1).unwrap().pad_with_zeros(3, 0, 1).unwrap();
    let weight = vars[0].var.permute((3, 2, 0, 1)).unwrap().contiguous().unwrap();
    let config = Conv2dConfig { stride: 2, ..Conv2dConfig::default() };
    let stock = Conv2d::new(weight, Some(vars[1].var.as_tensor().clone()), config).forward(&padded).unwrap();
    let stock = stock.clamp(0f32, 6f32).unwrap().permute((0, 2, 3, 1)).unwrap();
    let ours = tail.stem(224, vars, &x, true).unwrap();
    let by_x = |y: &Tensor| y.sqr().unwrap().sum_all().unwrap().backward().unwrap().get(&x).unwrap().clone();
    for y in [&ours, &plain::stem(224, vars, &x).unwrap()] {
        assert!(apart(y, &stock) < 1e-5);
        for ((v, got), expected) in vars.iter().zip(gradients(vars, y)).zip(gradients(vars, &stock)) {
            assert!(apart(&got, &expected) < 1e-4, "{} {}", v.name, apart(&got, &expected));
        }
        assert!(apart(&by_x(y), &by_x(&stock)) < 1e-4);
    }
}

#[test]
fn a_changed_whole_network_goes_back_to_the_fast_path() {
    let (lite, mut scratch) = (builtin().unwrap(), Scratch::default());
    let tail = lite.tail(0, &Device::Cpu).unwrap();
    for v in tail.vars() {
        v.var.set(&(v.var.as_tensor() * 1.01).unwrap()).unwrap();
    }
    let tuned = lite.with_tail(&tail.to_safetensors().unwrap()).unwrap();
    let row = rows(&tail.features(&activations(&lite, 1, 0)).unwrap());
    let fast = tuned.features(&photo(0), &mut scratch).unwrap();
    let largest = fast.iter().fold(0f32, |m, v| m.max(v.abs()));
    assert!(fast.iter().zip(&row[0]).all(|(a, b)| (a - b).abs() <= 1e-4 * largest));
}

/// A block through `conv2d`, NCHW, as a model from the hub would have it.
fn convolutions(b: &Block, vars: &[TailVar], x: &Tensor) -> candle_core::Result<Tensor> {
    let one = |at: usize, x: &Tensor| {
        let weight = vars[at].var.t()?.unsqueeze(2)?.unsqueeze(3)?.contiguous()?;
        Conv2d::new(weight, Some(vars[at + 1].var.as_tensor().clone()), Conv2dConfig::default()).forward(x)
    };
    let relu6 = |x: Tensor| x.clamp(0f32, 6f32);
    let x = x.permute((0, 3, 1, 2))?.contiguous()?;
    let expands = usize::from(b.expands()) * 2;
    let wide = if b.expands() { relu6(one(0, &x)?)? } else { x.clone() };
    let before = lite::leading_padding(b.side, b.kernel, b.stride);
    let after = ((b.output_side() - 1) * b.stride + b.kernel).saturating_sub(b.side + before);
    let wide = wide.pad_with_zeros(2, before, after)?.pad_with_zeros(3, before, after)?;
    let config = Conv2dConfig { stride: b.stride, groups: b.expanded, ..Conv2dConfig::default() };
    let weight = vars[expands].var.permute((2, 0, 1))?.unsqueeze(1)?.contiguous()?;
    let wide = Conv2d::new(weight, Some(vars[expands + 1].var.as_tensor().clone()), config).forward(&wide)?;
    let y = one(expands + 2, &relu6(wide)?)?;
    if b.residual() { y + x } else { Ok(y) }?.permute((0, 2, 3, 1))
}

#[test]
fn blocks_have_the_gradients_of_candles_conv2d() {
    let number = |i: usize, seed: usize| ((i + 1) * (2 * seed + 7) % 211) as f32 / 105.0 - 1.0;
    for (kernel, stride, times) in [(3, 1, 1), (3, 1, 3), (3, 2, 2), (5, 1, 2), (5, 2, 2), (5, 2, 1)] {
        let b = Block { kernel, stride, input: 7, expanded: 7 * times, output: 7, side: 6 };
        let convolution = |weight: usize, channels: usize, seed: usize| Convolution {
            weight: (0..weight).map(|i| number(i, seed)).collect(),
            bias: (0..channels).map(|i| number(i, seed + 20)).collect(),
        };
        let weights = BlockWeights {
            expand: b.expands().then(|| convolution(7 * b.expanded, b.expanded, 1)),
            depthwise: convolution(kernel * kernel * b.expanded, b.expanded, 2),
            project: convolution(7 * b.expanded, 7, 3),
        };
        let mut vars = Vec::new();
        for (part, shape, convolution) in block_parts(&b, &weights) {
            push(&mut vars, part, 0, (&shape, convolution), &Device::Cpu).unwrap();
        }
        let x: Vec<f32> = (0..3 * 36 * 7).map(|i| number(i, 4)).collect();
        let x = Tensor::from_vec(x, (3, 6, 6, 7), &Device::Cpu).unwrap();
        let (level, threads, spare) = (SimdLevel::detect().unwrap(), Threads::Calling, Arc::default());
        let ours = ops::apply(Inverted { shape: b, level, threads, spare }, &x, &flat(&vars).unwrap()).unwrap();
        let stock = convolutions(&b, &vars, &x).unwrap();
        for y in [&ours, &plain::block(&b, &vars, &x).unwrap()] {
            assert!(apart(y, &stock) < 1e-5, "{b:?}");
            for ((v, got), expected) in vars.iter().zip(gradients(&vars, y)).zip(gradients(&vars, &stock)) {
                assert!(apart(&got, &expected) < 1e-4, "{b:?} {}: {}", v.name, apart(&got, &expected));
            }
        }
    }
}
