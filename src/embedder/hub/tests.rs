//! The published networks against timm and transformers (`tests/fixtures/backbone_vectors.py`), on weights drawn from a formula.

#[path = "../../../tests/fixtures/drawn_weights.rs"]
mod drawn_weights;

use super::*;
use crate::embedder::tests::cosine;
use crate::embedder::{BackboneSpec, Processor};
use drawn_weights::{Drawn, drawn, file};
use safetensors::Dtype;

const FEATURES: &[u8] = include_bytes!("../../../tests/fixtures/backbone_features.f32");
const INPUTS: &[u8] = include_bytes!("../../../tests/fixtures/backbone_inputs.f32");

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

/// Drawn image `number` as the script draws it, in the colours of `ImageNet`.
fn image(number: usize) -> Vec<f32> {
    let value = |y: usize, x: usize, c: usize| match number {
        0 => (x + 2 * y + 40 * c) % 256,
        _ => (((y * 224 + x) * 3 + c).wrapping_mul(2_654_435_761) % (1 << 32)) >> 24,
    };
    let (mean, deviation) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    let places = (0..224 * 224 * 3).map(|i| (i / 3 / 224, i / 3 % 224, i % 3));
    places.map(|(y, x, c)| ((value(y, x, c) as f64 / 255.0 - mean[c]) / deviation[c]) as f32).collect()
}

/// What the reference made of both images.
fn reference(network: HubNetwork) -> [Vec<f32>; 2] {
    let before = HubNetwork::ALL.into_iter().take_while(|other| *other != network);
    let start = before.map(|other| 2 * other.dim()).sum::<usize>();
    let all = numbers(FEATURES);
    assert_eq!(all.len(), HubNetwork::ALL.map(|network| 2 * network.dim()).iter().sum::<usize>());
    [0, 1].map(|i| all[start + i * network.dim()..][..network.dim()].to_vec())
}

fn loaded(bytes: &[u8], network: HubNetwork) -> HubBackbone {
    HubBackbone::from_bytes(bytes, network).map_err(|error| error.to_string()).unwrap()
}

fn features(backbone: &HubBackbone, number: usize) -> Vec<f32> {
    backbone.features(&image(number), &mut Scratch::default()).unwrap()
}

/// Length of the difference over length of `b`.
fn error(a: &[f32], b: &[f32]) -> f64 {
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    squares(&mut a.iter().zip(b).map(|(a, b)| f64::from(a - b))) / squares(&mut b.iter().map(|b| f64::from(*b)))
}

/// In f32 the difference is a hundred-thousandth of the features or less (the approximate GELU would make 2e-4), in f16 the weights
/// themselves differ.
fn agrees(network: HubNetwork) {
    let expected = reference(network);
    assert!(error(&expected[0], &expected[1]) > 0.05, "the images could not be told apart");
    let backbone = loaded(&file(&drawn(network.name(), Dtype::F32)), network);
    assert!(backbone.id().starts_with(&format!("{}-", network.name())));
    assert_eq!(backbone.id().len(), network.name().len() + 13);
    let half = loaded(&file(&drawn(network.name(), Dtype::F16)), network);
    for (number, expected) in expected.iter().enumerate() {
        let features = features(&backbone, number);
        assert_eq!(features.len(), backbone.dim());
        let (error, cosine) = (error(&features, expected), cosine(&features, expected));
        println!("{} image {number}: error {error:.1e}, cosine {cosine:.9}", network.name());
        assert!(error < 1e-5 && cosine > 0.99999, "image {number}: error {error}, cosine {cosine}");
    }
    let cosine = cosine(&features(&half, 0), &expected[0]);
    println!("{} in f16: cosine {cosine:.7}", network.name());
    assert!(cosine > 0.9999 && half.id() != backbone.id(), "f16: cosine {cosine}");
}

#[test]
fn resnet18_agrees_with_timm() {
    agrees(HubNetwork::ResNet18);
}

#[test]
fn mobilenetv4_small_agrees_with_timm() {
    agrees(HubNetwork::MobileNetV4Small);
}

#[test]
fn convnext_atto_agrees_with_timm() {
    agrees(HubNetwork::ConvNextAtto);
}

#[test]
fn dinov2_small_agrees_with_transformers() {
    agrees(HubNetwork::DinoV2Small);
}

/// The tensors of `DINOv2` under the names that `transformers` saves.
fn as_transformers_names_them(tensors: Vec<Drawn>) -> Vec<Drawn> {
    let named = |drawn: Drawn| {
        let name = drawn.name.replace("blocks.", "encoder.layer.");
        let name = name.replace("attn.proj", "attention.output.dense");
        let name = name.replace("ls1.gamma", "layer_scale1.lambda1").replace("ls2.gamma", "layer_scale2.lambda1");
        let name = match name.as_str() {
            "cls_token" => "embeddings.cls_token".to_owned(),
            "pos_embed" => "embeddings.position_embeddings".to_owned(),
            "norm.weight" | "norm.bias" => format!("layer{name}"),
            _ => name.replace("patch_embed.proj", "embeddings.patch_embeddings.projection"),
        };
        if !name.contains("attn.qkv") {
            return vec![Drawn { name, ..drawn }];
        }
        let third = |(i, part): (usize, &str)| Drawn {
            name: name.replace("attn.qkv", &format!("attention.attention.{part}")),
            shape: [&[drawn.shape[0] / 3], &drawn.shape[1..]].concat(),
            dtype: drawn.dtype,
            bytes: drawn.bytes.chunks(drawn.bytes.len() / 3).nth(i).unwrap().to_vec(),
        };
        ["query", "key", "value"].into_iter().enumerate().map(third).collect()
    };
    tensors.into_iter().flat_map(named).collect()
}

#[test]
fn dinov2_under_the_names_of_transformers_is_the_same_network() {
    let tensors = drawn("dinov2-small", Dtype::F32);
    let original = loaded(&file(&tensors), HubNetwork::DinoV2Small);
    let mut renamed = as_transformers_names_them(tensors);
    renamed.push(Drawn {
        name: "embeddings.mask_token".to_owned(),
        shape: vec![1, 384],
        dtype: Dtype::F32,
        bytes: vec![0; 4 * 384],
    });
    let hub = loaded(&file(&renamed), HubNetwork::DinoV2Small);
    assert_eq!(features(&hub, 1), features(&original, 1));
}

#[test]
fn photos_are_preprocessed_as_the_libraries_do_it() {
    let photo = RgbImage::from_fn(500, 333, |x, y| {
        image::Rgb([((x * 7 + y * 3) / 16) as u8, (x ^ y) as u8, ((x * x + y * y) / 977) as u8])
    });
    let every_sixteenth = 14 * 14 * 3;
    for (network, expected) in HubNetwork::ALL.into_iter().zip(numbers(INPUTS).chunks(every_sixteenth)) {
        let square = loaded(&file(&drawn(network.name(), Dtype::F16)), network).preprocess(&photo);
        let pixels = (0..every_sixteenth).map(|i| (i / 42 * 16 * 224 + i / 3 % 14 * 16) * 3 + i % 3);
        let differences: Vec<f32> = pixels.zip(expected).map(|(i, e)| (square[i] - e).abs()).collect();
        let worst = differences.iter().copied().fold(0.0, f32::max);
        println!("{}: {worst}", network.name());
        assert!(differences.len() == every_sixteenth && worst < 1.5 / 255.0 / 0.224, "{}: {worst}", network.name());
    }
}

/// The sentence with which `tensors` are refused as weights of `network`.
fn refusal(tensors: &[Drawn], network: HubNetwork) -> String {
    HubBackbone::from_bytes(&file(tensors), network).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn files_of_other_networks_are_refused_with_what_was_expected_and_found() {
    use HubNetwork::{ConvNextAtto, DinoV2Small, ResNet18};
    let resnet = drawn("resnet18", Dtype::F16);
    assert_eq!(refusal(&resnet, DinoV2Small), "these are weights of resnet18; write --backbone resnet18:FILE");
    assert_eq!(
        refusal(&resnet[1..], ConvNextAtto),
        "`stem.0.weight` is missing; the file has 121 tensors, the first of them `bn1.bias`"
    );
    assert_eq!(refusal(&[], ResNet18), "`conv1.weight` is missing; the file has 0 tensors");
    let changed = |name: &str, change: &dyn Fn(&mut Drawn)| {
        let mut tensors = drawn("resnet18", Dtype::F16);
        change(tensors.iter_mut().find(|t| t.name == name).unwrap());
        refusal(&tensors, ResNet18)
    };
    assert_eq!(
        changed("layer4.0.downsample.1.running_var", &|t| t.name = "layer4.0.downsample.1.var".to_owned()),
        "`layer4.0.downsample.1.running_var` is missing; the file has 122 tensors, the first of them `bn1.bias`"
    );
    assert_eq!(
        changed("conv1.weight", &|t| t.shape = vec![64, 3, 49, 1]),
        "`conv1.weight` has shape [64, 3, 49, 1], expected [64, 3, 7, 7]: these are weights of another network"
    );
    assert_eq!(changed("bn1.bias", &|t| t.dtype = Dtype::BF16), "`bn1.bias` holds BF16 numbers, expected F16 or F32");
    let not_a_number = half::f16::NAN.to_le_bytes();
    assert_eq!(
        changed("bn1.bias", &|t| t.bytes[..2].copy_from_slice(&not_a_number)),
        "`bn1.bias` holds numbers that are not finite"
    );
}

#[test]
fn a_network_that_holds_all_of_another_is_not_taken_for_it() {
    // ResNet-34 has every tensor of ResNet-18 in the same shape, and DINOv2 with registers every tensor of the one without.
    let mut resnet34 = drawn("resnet18", Dtype::F16);
    let more: Vec<Drawn> =
        drawn("resnet18", Dtype::F16).into_iter().filter(|t| t.name.starts_with("layer3.1.")).collect();
    resnet34.extend(more.into_iter().map(|t| Drawn { name: t.name.replace("layer3.1", "layer3.2"), ..t }));
    assert_eq!(
        refusal(&resnet34, HubNetwork::ResNet18),
        "the network has no `layer3.2.bn1.bias`: these are weights of another network"
    );
    let mut registers = drawn("dinov2-small", Dtype::F16);
    let bytes = vec![0; 2 * 4 * 384];
    registers.push(Drawn { name: "register_tokens".to_owned(), shape: vec![1, 4, 384], dtype: Dtype::F16, bytes });
    assert!(refusal(&registers, HubNetwork::DinoV2Small).starts_with("the network has no `register_tokens`"));
}

#[test]
fn the_classifier_may_be_missing_and_errors_name_the_file() {
    let mut tensors = drawn("convnext-atto", Dtype::F16);
    tensors.retain(|t| !t.name.starts_with("head.fc"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let spec = |network| BackboneSpec::Hub(network, path.clone());
    std::fs::write(&path, file(&tensors)).unwrap();
    let backbone = spec(HubNetwork::ConvNextAtto).load(Processor::Cpu).unwrap();
    assert_eq!((backbone.dim(), backbone.shorter_side(), backbone.lite().is_none()), (320, 256, true));
    let error = backbone.features(&[0.0; 12], &mut Scratch::default()).unwrap_err().to_string();
    assert_eq!(error, "an image of 12 numbers was given to a network that takes 150528");
    let unfit = spec(HubNetwork::ResNet18).load(Processor::Cpu).map(|_| ()).unwrap_err().to_string();
    let expected = "do not fit resnet18: these are weights of convnext-atto; write --backbone convnext-atto:FILE";
    assert_eq!(unfit, format!("the weights {} {expected}", path.display()));
    std::fs::File::create(&path).unwrap().set_len(2_000_000_000).unwrap();
    let huge = spec(HubNetwork::ResNet18).load(Processor::Cpu).map(|_| ()).unwrap_err().to_string();
    assert!(huge.contains("2000 MB, and files of more than 500 MB"), "{huge}");
}

#[test]
fn weights_that_overflow_are_an_error_and_no_features() {
    let mut tensors = drawn("convnext-atto", Dtype::F32);
    for tensor in tensors.iter_mut().filter(|t| t.name.ends_with("mlp.fc2.weight")) {
        tensor.bytes.chunks_mut(4).for_each(|b| b.copy_from_slice(&1e38f32.to_le_bytes()));
    }
    let backbone = loaded(&file(&tensors), HubNetwork::ConvNextAtto);
    let error = backbone.features(&image(0), &mut Scratch::default()).unwrap_err().to_string();
    assert_eq!(error, "the network's features of this photo are not finite numbers");
}
