"""How every ONNX graph is opened: one thread, and without the fusions that slow it down."""

from __future__ import annotations

from typing import Any, Final

#: Fused, a residual sum with its normalisation runs several times as long as the two
#: apart do (onnxruntime 1.32 on x86), a tenth of a small encoder's time.
_SLOWER: Final = ["SkipLayerNormFusion", "BiasSkipLayerNormFusion", "BiasGeluFusion"]


def open_session(model: bytes | str) -> Any:
    """An ``onnxruntime.InferenceSession`` (it has no types) of a file's content or path.

    One thread, so that sums keep their order. Raises what onnxruntime raises.
    """
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
    )
