"""NLI models as stance backends: both forms against each other and against transformers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nli_checkpoints import ARCHITECTURES, LABELS, LONGEST, TEXTS, THESIS, make, to_onnx

from toolkit.cli import main
from toolkit.errors import InternalError, MissingExtraError, ModelError, SettingsError
from toolkit.inference import nli
from toolkit.inference.nli_labels import lanes
from toolkit.inference.stance_backends import StancePair, open_backend
from toolkit.inference.store import ModelStore
from toolkit.settings import Settings

pytest.importorskip("transformers", reason="the extra [detoxify] is not installed")
pytest.importorskip("torch", reason="the extra [detoxify] is not installed")


def pair(text: str, thesis: str = THESIS, relevance: float | None = 0.9) -> StancePair:
    def cues() -> Any:
        raise AssertionError("an NLI model needs no cues")

    return StancePair(thesis=thesis, text=text, relevance=relevance, cues=cues)


PAIRS = [pair(text) for text in TEXTS]


@pytest.fixture(scope="module", params=sorted(ARCHITECTURES))
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """(folder with safetensors, folder with ONNX, store with both)."""
    root = tmp_path_factory.mktemp(request.param)
    torch_form = make(request.param, root / "torch-form")
    onnx_form = to_onnx(torch_form, root / "onnx-form", "onnx/model.onnx")
    store = ModelStore(root / "store")
    store.add(torch_form)
    store.add(onnx_form)
    return torch_form, onnx_form, store


def backends(both) -> tuple[Any, Any]:
    settings = Settings(models=both[2].root)
    return open_backend("torch-form", settings), open_backend("onnx-form", settings)


def test_both_forms_give_the_same(both) -> None:
    torch_form, onnx_form = backends(both)
    assert isinstance(torch_form, nli.TorchNli)
    assert isinstance(onnx_form, nli.OnnxNli)
    one, other = torch_form.probabilities(PAIRS), onnx_form.probabilities(PAIRS)
    np.testing.assert_allclose(one, other, atol=1e-4)
    np.testing.assert_allclose(one.sum(axis=1), 1, atol=1e-9)
    assert np.ptp(one, axis=0)[:2].max() > 0.02
    assert torch_form.version != onnx_form.version
    assert torch_form.name == "torch-form"
    assert torch_form.languages == {"en"}


def test_the_numbers_are_those_of_transformers(both) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

    model = AutoModelForSequenceClassification.from_pretrained(both[0]).eval()
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(both[0] / "tokenizer.json"))
    given = tokenizer(TEXTS[0], THESIS, return_tensors="pt", return_token_type_ids=True)
    if getattr(model.config, "type_vocab_size", 0) < 2:
        given.pop("token_type_ids", None)
    with torch.inference_mode():
        shares = model(**given).logits.softmax(-1)[0].numpy()
    expected = [shares[LABELS.index(name)] for name in ("entailment", "contradiction", "neutral")]
    for backend in backends(both):
        np.testing.assert_allclose(backend.probabilities(PAIRS[:1])[0, :3], expected, atol=1e-4)


def test_a_pair_has_the_same_numbers_in_any_company(both) -> None:
    for backend in backends(both):
        together = backend.probabilities(PAIRS)
        assert (together == backend.probabilities(PAIRS[::-1])[::-1]).all()
        alone = np.concatenate([backend.probabilities([one]) for one in PAIRS])
        assert (together == alone).all()
        assert backend.probabilities([]).shape == (0, 4)


def test_long_comments_are_read_in_windows(both) -> None:
    for backend in backends(both):
        windows = backend.windows(THESIS, TEXTS[-1])
        assert len(windows) > 3
        assert len(backend.windows(THESIS, TEXTS[2])) == 1
        encoded = backend._tokenizer.encode(TEXTS[-1], THESIS)
        whole = [encoded, *encoded.overflowing]
        assert max(len(one) for one in whole) <= LONGEST
        spans = [
            [at for at, of in zip(one.offsets, one.sequence_ids, strict=True) if of == 0]
            for one in whole
        ]
        assert spans[0][0][0] == 0
        assert spans[-1][-1][1] == len(TEXTS[-1])
        for before, after in pairwise(spans):
            assert after[0][0] < before[-1][1]  # they overlap
        best = max(windows, key=lambda row: max(row[:2]))
        assert (backend.probabilities([pair(TEXTS[-1])])[0, :3] == best).all()


def test_a_long_thesis_leaves_room_for_the_comment(both) -> None:
    thesis = "The old bridge should be closed to cars. " * 20
    for backend in backends(both):
        found = backend.probabilities([pair(text, thesis) for text in TEXTS])
        assert np.isfinite(found).all()
        cut = backend._fitting(thesis)
        assert thesis.startswith(cut)
        assert 0 < len(backend._whole.encode(cut, add_special_tokens=False)) <= LONGEST // 2
        assert backend._fitting(THESIS) == THESIS


def test_what_is_neutral_and_far_away_is_unrelated(both) -> None:
    backend = backends(both)[1]
    near, edge, far, unknown = backend.probabilities(
        [pair(TEXTS[0], relevance=given) for given in (0.9, nli.RELATED, 0.29, None)]
    )
    assert near[3] == 0
    assert (near == edge).all()
    assert (near == unknown).all()
    assert (far == near[[0, 1, 3, 2]]).all()


def test_the_order_of_the_labels_is_the_configs(both, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "store")
    short = [pair(TEXTS[2])]  # one window: of several, that of the surest side counts
    expected = backends(both)[1].probabilities(short)
    for turn, order in enumerate([(0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]):
        labels = [("No CONTRADICTION here", "Entails", "2: neutral")[place] for place in order]
        folder = tmp_path / f"turn-{turn}"
        shutil.copytree(both[1], folder)
        config = json.loads((folder / "config.json").read_text())
        config["id2label"] = {str(place): label for place, label in enumerate(labels)}
        (folder / "config.json").write_text(json.dumps(config))
        store.add(folder)
        found = open_backend(folder.name, Settings(models=store.root)).probabilities(short)
        # Output k is now called as output order[k] was.
        back = [order.index(LABELS.index(n)) for n in ("entailment", "contradiction", "neutral")]
        straight = expected[0, [1, 0, 2]]  # contradiction, entailment, neutral: as they come out
        # The softmax adds up in another order.
        np.testing.assert_allclose(found[0, :3], straight[back], rtol=1e-6)


@pytest.mark.parametrize(
    ("labels", "places"),
    [
        (("entailment", "neutral", "contradiction"), (0, 2, 1)),
        (("CONTRADICTION", "NEUTRAL", "ENTAILMENT"), (2, 0, 1)),
        (("contradicts", "entails", "is neutral"), (1, 0, 2)),
        (("Neutral", "label-entailment", "label-contradiction"), (1, 2, 0)),
    ],
)
def test_labels_are_known_however_they_are_written(
    labels: tuple[str, ...], places: tuple[int, int, int]
) -> None:
    assert lanes(labels) == places


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (("entailment", "not_entailment"), "who disagrees"),
        (("Non-Entailment", "entailment"), "who disagrees"),
        (("entailment", "contradiction"), "none is about neutral"),
        (("entailment", "entailed", "neutral"), "2 of them are about entailment"),
        (("entailment", "contradiction", "neutral", "other"), "there are 4, not 3"),
        (("LABEL_0", "LABEL_1", "LABEL_2"), "none is about entailment"),
    ],
)
def test_labels_that_do_not_tell_the_sides_are_named(labels: tuple[str, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        lanes(labels)
    assert caught.value.next_step


def test_folders_that_cannot_be_used_are_named(both, tmp_path: Path) -> None:
    torch_form, onnx_form, _ = both
    store = ModelStore(tmp_path / "store")
    settings = Settings(models=store.root)

    def spoilt(name: str, source: Path) -> Path:
        shutil.copytree(source, tmp_path / name)
        return tmp_path / name

    folder = spoilt("two-labels", onnx_form)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "entailment", "1": "not_entailment"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="cannot tell stance"):
        store.add(folder)

    folder = spoilt("no-tokenizer", onnx_form)
    (folder / "tokenizer.json").rename(folder / "vocab.txt")
    with pytest.raises(ModelError, match=r"needs tokenizer\.json"):
        store.add(folder)
    (folder / "vocab.txt").rename(folder / "tokenizer.json")
    (folder / "onnx" / "model.onnx").rename(folder / "onnx" / "model_int8.onnx")
    with pytest.raises(ModelError, match="graph must be called"):
        store.add(folder)

    folder = spoilt("damaged-graph", onnx_form)
    (folder / "onnx" / "model.onnx").write_bytes(b"no graph")
    store.add(folder)
    folder = spoilt("damaged-tokenizer", onnx_form)
    (folder / "tokenizer.json").write_text("{}")
    store.add(folder)
    folder = spoilt("damaged-weights", torch_form)
    (folder / "model.safetensors").write_bytes(b"no tensors")
    store.add(folder)
    for name in ("damaged-graph", "damaged-tokenizer", "damaged-weights"):
        with pytest.raises(ModelError, match="cannot be used"):
            open_backend(name, settings)

    folder = spoilt("no-head", torch_form)
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in tensors.items() if "classifier" not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    store.add(folder)
    with pytest.raises(ModelError, match="lacks"):
        open_backend("no-head", settings)

    with pytest.raises(ModelError, match="stance backend of the package"):
        store.add(onnx_form, "cues")
    with pytest.raises(SettingsError, match="no stance backend 'none'") as caught:
        open_backend("none", settings)
    assert "cues, damaged-graph" in caught.value.next_step
    assert "toolkit models add" in caught.value.next_step
    with pytest.raises(SettingsError, match="no stance backend"):
        open_backend("../evil", settings)


def test_without_torch_the_extra_is_named(both, monkeypatch: pytest.MonkeyPatch) -> None:
    nli._opened.cache_clear()
    monkeypatch.setattr(nli, "_has_torch", lambda: False)
    settings = Settings(models=both[2].root)
    with pytest.raises(MissingExtraError, match="no ONNX graph") as caught:
        open_backend("torch-form", settings)
    assert "comment-toolkit[detoxify]" in caught.value.next_step
    assert open_backend("onnx-form", settings).name == "onnx-form"


def test_the_onnx_form_needs_nothing_of_torch(both) -> None:
    code = (
        "import sys\n"
        "for name in ('torch', 'transformers', 'detoxify'): sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "import toolkit\n"
        f"settings = toolkit.Settings(stance='onnx-form', models=Path({str(both[2].root)!r}))\n"
        f"print(toolkit.stance([({THESIS!r}, {TEXTS[0]!r})], settings=settings).height)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.fixture
def store(both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOOLKIT_MODELS", str(tmp_path / "store"))
    return tmp_path / "store"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["toolkit", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_from_the_folder_to_the_rows(
    both,
    store: Path,
    seeds: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = seeds / "long-thread.txt"
    common = ("analyze", page, "--only", "stance", "--no-evidence", "-o", "rows.parquet")
    assert run(monkeypatch, *common, "--stance", "own") == 2
    assert "SettingsError: there is no stance backend 'own'" in capsys.readouterr().err
    assert run(monkeypatch, "models", "add", both[1], "--name", "own", "--languages", "EN") == 2
    assert "'EN' is no language" in capsys.readouterr().err
    assert run(monkeypatch, "models", "add", both[1], "--name", "own") == 0
    assert run(monkeypatch, *common, "--stance", "own") == 0
    own = pl.read_parquet("rows.parquet")
    monkeypatch.setenv("TOOLKIT_STANCE", "own")
    assert run(monkeypatch, *common) == 0
    assert pl.read_parquet("rows.parquet").equals(own)
    assert run(monkeypatch, *common, "--stance", "cues") == 0
    cues = pl.read_parquet("rows.parquet")
    assert cues["stance__relevance"].equals(own["stance__relevance"])
    assert cues["stance__null_reason"].equals(own["stance__null_reason"])
    assert not cues["stance__agree"].equals(own["stance__agree"])
    judged = own.filter(pl.col("stance__null_reason").is_null())
    assert judged.height
    four = judged.select(
        "stance__agree", "stance__disagree", "stance__discuss", "stance__unrelated"
    )
    assert four.sum_horizontal().is_between(1 - 1e-5, 1 + 1e-5).all()
    shutil.rmtree(store)
    assert run(monkeypatch, *common) == 2


def test_other_languages_are_those_of_the_user(both, store: Path) -> None:
    import toolkit

    ModelStore(store).add(both[1], "own", languages=("en", "de"))
    settings = Settings(stance="own", models=store)
    german = "Die alte Brücke der Stadt muss für Autos gesperrt werden."
    comment = "Ich stimme völlig zu, die Brücke muss weg. Sie ist viel zu alt für den Verkehr."
    pairs = [(german, comment), (THESIS, comment), (THESIS, TEXTS[0])]
    rows = toolkit.stance(pairs, settings=settings).to_dicts()
    assert [row["stance__null_reason"] for row in rows] == [None] * 3
    assert [row["stance__relevance"] is None for row in rows] == [True, True, False]
    assert [row["stance__unrelated"] for row in rows[:2]] == [0, 0]
    cues = toolkit.stance(pairs, settings=Settings(stance="cues")).to_dicts()
    assert [row["stance__null_reason"] for row in cues] == ["language", "language", None]
    found = toolkit.explain(comment, only=["stance"], thesis=german, settings=settings)
    assert found
    assert all(comment[item.start : item.end] == item.quote for item in found)


def test_a_batch_is_made_and_verified_with_it(both, store: Path, seeds: Path) -> None:
    from toolkit.runner import Job, verify
    from toolkit.runner import run as batch

    ModelStore(store).add(both[0], "own")
    job = Job(
        inputs=(seeds / "dumps" / "reddit.ndjson",),
        directory=store.parent / "out",
        only=("stance",),
        thesis=THESIS,
        settings=Settings(stance="own", models=store),
        workers=1,
    )
    manifest = batch(job)
    assert manifest.identity["analyzers"]["stance"].startswith("nli-")
    assert manifest.identity["settings"]["stance"] == "own"
    assert verify(job.directory).ok


def test_cues_of_another_language_are_our_fault() -> None:
    from toolkit.analyzers.stance import _pair

    with pytest.raises(InternalError):
        _pair("Die Brücke", "Nein", [], english=False).cues()
