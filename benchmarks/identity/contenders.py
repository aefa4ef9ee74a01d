"""Three ways to say how alike two files are: the hub's own, rapidfuzz, and splink.

Each takes the files of a scene and gives pairs (number met, number registered, probability or ratio). They
share the ways to find candidates, so what differs is how these are judged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from benchmarks.identity.sightings import Scene
from hub.domain.likeness import File, compare, found_by


class Pair(NamedTuple):
    met: int
    registered: int
    score: float


Judge = Callable[[Scene], Sequence[Pair]]


def candidates(scene: Scene) -> Iterator[tuple[File, File]]:
    index: dict[str, list[File]] = defaultdict(list)
    for file in scene.registered:
        for key in found_by(file):
            index[key].append(file)
    for each in scene.met:
        met = {other.id: other for key in found_by(each.file) for other in index.get(key, ())}
        yield from ((each.file, other) for other in met.values())


def sounds(scene: Scene) -> Mapping[tuple[str, ...], int]:
    return Counter(syllables for file in scene.registered for syllables in file.spoken)


def hub(scene: Scene) -> Sequence[Pair]:
    alike, people = sounds(scene), len(scene.registered)
    return [
        Pair(one.id, other.id, found.probability)
        for one, other in candidates(scene)
        if (found := compare(one, other, people, max((alike[s] for s in one.spoken), default=0)))
        and not found.contradicted
    ]


def rapidfuzz(scene: Scene) -> Sequence[Pair]:
    """Ratios of texts, as most describe it: name, its sound, date and division, weighed by hand."""
    from rapidfuzz.distance import JaroWinkler

    ratio = JaroWinkler.normalized_similarity

    def alike(one: File, other: File) -> float:
        parts = [(0.35, ratio(one.name or "", other.name or ""))]
        parts.append((0.20, max((ratio(a, b) for a in one.spoken for b in other.spoken), default=0.0)))
        if one.birth_on and other.birth_on:
            parts.append((0.25, ratio(f"{one.birth_on:%Y%m%d}", f"{other.birth_on:%Y%m%d}")))
        parts.append((0.10, ratio(one.division_code, other.division_code)))
        if one.sex and other.sex:
            parts.append((0.10, float(one.sex == other.sex)))
        if one.phones and other.phones:
            parts.append((0.30, float(bool(one.phones & other.phones))))
        # What is not known weighs nothing and leaves the ratio lower.
        return float(sum(weight * value for weight, value in parts))

    return [Pair(one.id, other.id, alike(one, other)) for one, other in candidates(scene)]


def splink(scene: Scene) -> Sequence[Pair]:
    """Its model with term frequencies for names, told who is who: without, it fails on levels nobody has."""
    import pyarrow
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    database = DuckDBAPI()

    def table(name: str, files: Sequence[tuple[File, int]]) -> Any:
        rows = pyarrow.Table.from_pylist([_row(*file) for file in files], schema=_schema(pyarrow))
        return database.register(rows, dataset_display_name=name, table_name=name)

    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        comparisons=[
            cl.NameComparison("name").configure(term_frequency_adjustments=True),
            cl.ExactMatch("sound").configure(term_frequency_adjustments=True),
            cl.ExactMatch("sex").configure(m_probabilities=[0.99, 0.01]),
            cl.DateOfBirthComparison("born", input_is_string=True),
            cl.LevenshteinAtThresholds("division", [3, 6]),
            cl.ExactMatch("phone").configure(m_probabilities=[0.99, 0.01]),
            cl.ExactMatch("ethnicity").configure(m_probabilities=[0.99, 0.01]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("sound"), block_on("born", "first"), block_on("town", "first", "year"),
            block_on("phone"),
        ],
    )  # fmt: skip
    tables = [table("met", [(each.file, each.truth or -each.file.id) for each in scene.met])]
    tables.append(table("registered", [(file, file.id) for file in scene.registered]))
    linker = Linker(tables, settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match([block_on("sound", "born")], recall=0.3)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_m_from_label_column("who")
    found = linker.inference.predict(threshold_match_probability=0.01).as_record_list()
    pairs = []
    for row in found:
        left, right = row["id_l"], row["id_r"]
        met, registered = (left, right) if left > 10_000_000 else (right, left)
        pairs.append(Pair(met, registered, row["match_probability"]))
    return pairs


def _row(file: File, who: int) -> dict[str, Any]:
    sound = min(file.spoken, default=())
    born = file.birth_on
    return {
        "id": file.id, "who": who, "name": file.name, "sound": " ".join(sound) or None,
        "first": sound[0] if sound else None, "sex": file.sex if file.sex != "UNKNOWN" else None,
        "born": born and born.isoformat(), "year": born and born.year, "division": file.division_code,
        "town": file.division_code[:9], "phone": min(file.phones, default=None),
        "ethnicity": file.ethnicity_code,
    }  # fmt: skip


def _schema(pyarrow: Any) -> Any:
    texts = ("name", "sound", "first", "sex", "born", "division", "town", "phone", "ethnicity")
    whole = [("id", pyarrow.int64()), ("who", pyarrow.int64()), ("year", pyarrow.int32())]
    return pyarrow.schema([*whole, *((name, pyarrow.string()) for name in texts)])


CONTENDERS: Final[Mapping[str, Judge]] = {"hub": hub, "rapidfuzz": rapidfuzz, "splink": splink}
