use super::*;
use crate::library::PhotoId;
use crate::triplet::{Batch, DistanceMatrix, Generator, Mining, mine, unit_length};
use candle_core::Var;
use proptest::prelude::*;

const B: usize = 9;
const D: usize = 4;
const LABELS: [u32; B] = [0, 0, 0, 1, 1, 1, 2, 2, 3];

fn raw() -> Vec<f32> {
    let entry = |i: usize, j: usize| ((7 * i * i + 3 * i * j + 5 * j + 1) % 11) as f32 - 5.0;
    (0..B).flat_map(|i| (0..D).map(move |j| entry(i, j) / 5.0)).collect()
}

fn ids(n: usize) -> Vec<PhotoId> {
    (0..n).map(|i| PhotoId::of_content(&i.to_le_bytes())).collect()
}

struct Outcome {
    loss: f64,
    term: Option<LossTerm>,
    gradient: Vec<f32>,
}

/// Mines and differentiates rows that are not yet of unit length.
fn learn(raw: &[f32], labels: &[u32], ids: &[PhotoId], how: (Mining, Distance, Margin)) -> Outcome {
    let (mining, distance, margin) = how;
    let dim = raw.len() / labels.len();
    let var = Var::from_slice(raw, (labels.len(), dim), &Device::Cpu).unwrap();
    let rows = unit_length(&var).unwrap();
    let plain: Vec<f32> = rows.flatten_all().unwrap().to_vec1().unwrap();
    let distances = DistanceMatrix::of(&plain, dim, distance);
    let batch = Batch::new(labels, ids, &distances).unwrap();
    let mined = mine(mining, &batch, margin, &mut Generator::new(1, 1));
    let term = triplet_loss(&rows, &mined.triplets, distance, margin, mining.reduction()).unwrap();
    let Some(term) = term else { return Outcome { loss: 0.0, term: None, gradient: Vec::new() } };
    let gradient = term.value.backward().unwrap().get(&var).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    Outcome { loss: f64::from(term.value.to_scalar::<f32>().unwrap()), term: Some(term), gradient }
}

/// Made by this program (torch 2.15, pytorch-metric-learning 2.9); the hinge losses are equal in both libraries.
///
/// ```python
/// import torch
/// from pytorch_metric_learning import losses, miners, distances, reducers
/// b, d = 9, 4
/// raw = torch.tensor([[((7*i*i + 3*i*j + 5*j + 1) % 11 - 5) / 5 for j in range(d)] for i in range(b)], dtype=torch.float64)
/// y = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 3])
/// LP = lambda p: distances.LpDistance(normalize_embeddings=False, power=p)
/// KINDS = {"euclidean": LP(1), "squared": LP(2), "cosine": distances.CosineSimilarity()}
/// def chosen(mining, D, m):
///     out = []
///     for a in range(b):
///         P = [i for i in range(b) if i != a and y[i] == y[a]]; N = [i for i in range(b) if y[i] != y[a]]
///         if not P or not N: continue
///         if mining == "all": out += [(a, p, n) for p in P for n in N]
///         if mining == "hard": out.append((a, max(P, key=lambda p: D[a, p]), min(N, key=lambda n: D[a, n])))
///         if mining == "semi":
///             for p in P:
///                 band = [n for n in N if D[a, p] < D[a, n] < D[a, p] + m]
///                 if band: out.append((a, p, min(band, key=lambda n: D[a, n])))
///     return out
/// for kind, dist in KINDS.items():
///     for mining in ("all", "hard", "semi"):
///         for m in (0.2, None):
///             z0 = raw.clone().requires_grad_(True); z = torch.nn.functional.normalize(z0)
///             x = z[:, None] - z[None]; sq = (x ** 2).sum(-1)
///             D = {"euclidean": (sq + 1e-12).sqrt(), "squared": sq, "cosine": 1 - z @ z.T}[kind]
///             t = torch.tensor(chosen(mining, D.detach(), m or float("inf")))
///             diff = D[t[:, 0], t[:, 1]] - D[t[:, 0], t[:, 2]]
///             l = torch.relu(diff + m) if m else torch.nn.functional.softplus(diff)
///             loss = l.sum() / ((l > 1e-7).sum() if mining == "all" else len(t))
///             g, = torch.autograd.grad(loss, z0)
///             if m:
///                 red = reducers.AvgNonZeroReducer() if mining == "all" else reducers.MeanReducer()
///                 fn = losses.TripletMarginLoss(margin=m, distance=dist, reducer=red)
///                 idx = miners.BatchHardMiner(distance=dist)(z, y) if mining == "hard" else tuple(t.T) if mining == "semi" else None
///                 assert abs(fn(z, y, idx) - loss) < 1e-9
///             print(kind, mining, m, len(t), (l > 1e-7).sum(), loss, g.norm(), g[4])
/// ```
#[test]
fn losses_and_gradients_equal_those_of_pytorch() {
    use Distance::{Cosine, Euclidean, SquaredEuclidean};
    use Mining::{BatchAll, BatchHard, SemiHard};
    let hinge = Margin::Hinge(0.2);
    let expected = [
        (Euclidean, BatchAll, hinge, 86, 58, 0.594_580_771, 0.216_612_443, -0.052_058_691),
        (Euclidean, BatchAll, Margin::Soft, 86, 86, 0.784_697_277, 0.131_295_464, -0.034_508_41),
        (Euclidean, BatchHard, hinge, 8, 8, 1.025_049_626, 0.361_497_671, 0.026_049_617),
        (Euclidean, BatchHard, Margin::Soft, 8, 8, 1.200_538_357, 0.258_251_995, 0.018_302_581),
        (Euclidean, SemiHard, hinge, 6, 6, 0.085_833_931, 0.480_396_873, -0.210_659_305),
        (Euclidean, SemiHard, Margin::Soft, 10, 10, 0.608_640_003, 0.197_348_065, -0.059_848_085),
        (SquaredEuclidean, BatchAll, hinge, 86, 52, 1.419_072_217, 0.704_326_796, -0.042_224_653),
        (SquaredEuclidean, BatchAll, Margin::Soft, 86, 86, 1.060_983_31, 0.371_111_328, -0.058_994_108),
        (SquaredEuclidean, BatchHard, hinge, 8, 8, 2.153_344_734, 0.846_446_902, 0.072_157_236),
        (SquaredEuclidean, BatchHard, Margin::Soft, 8, 8, 2.134_854_909, 0.714_470_039, 0.066_275_065),
        (SquaredEuclidean, SemiHard, hinge, 2, 2, 0.115_745_236, 1.681_861_108, -0.405_185_768),
        (SquaredEuclidean, SemiHard, Margin::Soft, 10, 10, 0.489_170_855, 0.396_635_18, -0.113_157_813),
        (Cosine, BatchAll, hinge, 86, 55, 0.768_512_035, 0.335_856_763, -0.045_470_408),
        (Cosine, BatchAll, Margin::Soft, 86, 86, 0.828_556_258, 0.176_799_556, -0.033_550_554),
        (Cosine, BatchHard, hinge, 8, 8, 1.176_672_367, 0.423_223_451, 0.036_078_618),
        (Cosine, BatchHard, Margin::Soft, 8, 8, 1.317_095_283, 0.304_335_802, 0.027_601_076),
        (Cosine, SemiHard, hinge, 4, 4, 0.107_192_617, 0.628_634_968, -0.251_089_022),
        (Cosine, SemiHard, Margin::Soft, 10, 10, 0.581_691_561, 0.225_865_48, -0.060_301_749),
    ];
    for (distance, mining, margin, triplets, active, loss, norm, entry) in expected {
        let got = learn(&raw(), &LABELS, &ids(B), (mining, distance, margin));
        let term = got.term.unwrap();
        let what = format!("{distance:?} {mining:?} {margin}");
        assert_eq!((term.triplets, term.active), (triplets, active), "{what}");
        assert!((got.loss - loss).abs() < 2e-6, "{what}: {}", got.loss);
        let length = got.gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        assert!((length - norm).abs() < 1e-5, "{what}: {length}");
        assert!((f64::from(got.gradient[4 * D + 2]) - entry).abs() < 1e-5, "{what}: {}", got.gradient[4 * D + 2]);
    }
}

#[test]
fn duplicates_in_a_batch_leave_loss_and_gradient_finite() {
    // Rows 0, 1, 2 are equal: 0 and 2 two photos of one label, 1 a copy of photo 0. Row 3 equals row 6 of another label.
    let mut rows = raw();
    for (copy, original) in [(1, 0), (2, 0), (6, 3)] {
        rows.copy_within(original * D..(original + 1) * D, copy * D);
    }
    let mut photos = ids(B);
    photos[1] = photos[0];
    for distance in Distance::ALL {
        for mining in Mining::ALL {
            for margin in [Margin::Hinge(0.2), Margin::Soft] {
                let got = learn(&rows, &LABELS, &photos, (mining, distance, margin));
                assert!(got.loss.is_finite() && got.loss > 0.0, "{distance:?} {mining:?} {margin}");
                assert!(got.gradient.iter().all(|g| g.is_finite()), "{distance:?} {mining:?} {margin}");
            }
        }
    }
}

#[test]
fn a_batch_of_one_single_point_is_finite_too() {
    let rows = [0.5f32, -0.5, 0.5, 0.5].repeat(B);
    for distance in Distance::ALL {
        for mining in Mining::ALL {
            for margin in [Margin::Hinge(0.2), Margin::Soft] {
                let got = learn(&rows, &LABELS, &ids(B), (mining, distance, margin));
                assert!(got.gradient.iter().all(|g| g.is_finite()), "{distance:?} {mining:?} {margin}");
                let at_rest = if margin == Margin::Soft { 2f64.ln() } else { 0.2 };
                assert!(got.term.is_none() || (got.loss - at_rest).abs() < 1e-6, "{distance:?} {mining:?} {margin}");
            }
        }
    }
}

#[test]
fn soft_margin_does_not_overflow() {
    assert!((Margin::Soft.loss(1e6) - 1e6).abs() < 1e-9);
    assert!(Margin::Soft.loss(-1e6).abs() < 1e-9);
    assert!((Margin::Soft.loss(0.0) - 2f64.ln()).abs() < 1e-15);
}

#[test]
fn made_triplets_weigh_their_share() {
    let rows = Tensor::new(&[[1f32, 0.0], [0.0, 1.0], [0.6, 0.8]], &Device::Cpu).unwrap();
    let term = |anchor, positive, negative| {
        let triplet = Triplet { anchor, positive, negative };
        let (distance, reduction) = (Distance::SquaredEuclidean, Reduction::MeanOverTriplets);
        triplet_loss(&rows, &[triplet], distance, Margin::Hinge(0.2), reduction).unwrap().unwrap()
    };
    // 2 - 0.8 + 0.2 = 1.4 and 0.8 - 0.4 + 0.2 = 0.6
    let (mined, made) = (term(0, 1, 2), term(2, 0, 1));
    let value = |tensor: Option<Tensor>| tensor.unwrap().to_scalar::<f32>().unwrap();
    assert!((value(mix(Some(&mined), Some(&made), 0.25).unwrap()) - 1.2).abs() < 1e-6);
    assert!((value(mix(Some(&mined), None, 0.25).unwrap()) - 1.4).abs() < 1e-6);
    assert!((value(mix(None, Some(&made), 0.25).unwrap()) - 0.6).abs() < 1e-6);
    assert!(mix(None, None, 0.25).unwrap().is_none());
}

#[test]
fn a_triplet_outside_the_batch_is_refused() {
    let rows = Tensor::new(&[[1f32, 0.0], [0.0, 1.0]], &Device::Cpu).unwrap();
    let triplet = Triplet { anchor: 0, positive: 1, negative: 2 };
    let got = triplet_loss(&rows, &[triplet], Distance::Cosine, Margin::Soft, Reduction::MeanOverTriplets);
    assert_eq!(got.unwrap_err().to_string(), "a triplet names row 2 of a batch of 2 rows");
}

#[test]
fn margins_are_read_and_written() {
    assert_eq!("0.3".parse(), Ok(Margin::Hinge(0.3)));
    assert_eq!("soft".parse(), Ok(Margin::Soft));
    assert_eq!(Margin::Hinge(0.25).to_string(), "0.25");
    for wrong in ["0", "-1", "nan", "inf", "", "weich"] {
        assert!(wrong.parse::<Margin>().is_err(), "{wrong}");
    }
}

fn batches() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(-1f32..1.0, B * D).prop_filter("rows long enough to be scaled", |rows| {
        rows.chunks_exact(D).all(|row| row.iter().map(|v| v * v).sum::<f32>() > 0.01)
    })
}

const MINERS: [Mining; 3] = [Mining::BatchAll, Mining::BatchHard, Mining::SemiHard];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_order_of_rows_does_not_matter(rows in batches(), shift in 1..B) {
        let order: Vec<usize> = (0..B).map(|i| (i * 2 + shift) % B).collect();
        let moved: Vec<f32> = order.iter().flat_map(|&i| rows[i * D..(i + 1) * D].to_vec()).collect();
        let labels: Vec<u32> = order.iter().map(|&i| LABELS[i]).collect();
        for distance in Distance::ALL {
            for mining in MINERS {
                let how = (mining, distance, Margin::Hinge(0.2));
                let (one, other) = (learn(&rows, &LABELS, &ids(B), how), learn(&moved, &labels, &ids(B), how));
                prop_assert!((one.loss - other.loss).abs() < 1e-5, "{distance:?} {mining:?}");
            }
        }
    }

    #[test]
    fn turning_the_space_does_not_matter(rows in batches(), angle in 0.1f32..3.0) {
        let turn = |row: &[f32]| {
            let (sin, cos) = angle.sin_cos();
            [cos * row[0] - sin * row[2], cos * row[1] - sin * row[3], sin * row[0] + cos * row[2], sin * row[1] + cos * row[3]]
        };
        let turned: Vec<f32> = rows.chunks_exact(D).flat_map(turn).collect();
        for distance in Distance::ALL {
            // Batch-all and batch-hard are continuous in the embedding; a band is not, so semi-hard is left out.
            for mining in [Mining::BatchAll, Mining::BatchHard] {
                // The sum: dividing by the active count is not continuous either.
                let sum = |rows: &[f32]| {
                    let got = learn(rows, &LABELS, &ids(B), (mining, distance, Margin::Hinge(0.2)));
                    got.loss * got.term.map_or(1, |term| term.divisor) as f64
                };
                prop_assert!((sum(&rows) - sum(&turned)).abs() < 1e-3, "{distance:?} {mining:?}");
            }
        }
    }

    #[test]
    fn a_wider_margin_never_lowers_what_is_to_be_learned(rows in batches(), small in 0.01f64..0.5, more in 0.0f64..0.5) {
        for distance in Distance::ALL {
            for mining in [Mining::BatchAll, Mining::BatchHard] {
                let sum = |margin| {
                    let got = learn(&rows, &LABELS, &ids(B), (mining, distance, Margin::Hinge(margin)));
                    let term = got.term.unwrap();
                    (got.loss * term.divisor as f64, term.active)
                };
                let (narrow, wide) = (sum(small), sum(small + more));
                prop_assert!(wide.0 >= narrow.0 - 1e-4 && wide.1 >= narrow.1, "{distance:?} {mining:?}");
            }
        }
    }
}
