"""Contexts to look at every paper by, and to test it with: what its owner would build, short, long and awkward.

Of a long one each box is filled to its edge.
"""

from dataclasses import replace

from records.samples import awkward, bulletin, case, complaint, pledge, service, visit
from records.samples.edges import brimming
from records.samples.sample import Sample

LONG = "long"
_OWN = [
    *visit.SAMPLES,
    *service.SAMPLES,
    *case.SAMPLES,
    *complaint.SAMPLES,
    *pledge.SAMPLES,
    *bulletin.SAMPLES,
    *awkward.SAMPLES,
]
SAMPLES: list[Sample] = [
    replace(sample, context=brimming(sample.kind, sample.context)) if sample.name.startswith(LONG) else sample
    for sample in _OWN
]
