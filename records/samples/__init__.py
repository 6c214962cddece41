"""Contexts to look at every paper by, and to test it with: what its owner would build, short, long and awkward."""

from records.samples import bulletin, case, complaint, pledge, service, visit
from records.samples.sample import Sample

SAMPLES: list[Sample] = [
    *visit.SAMPLES,
    *service.SAMPLES,
    *case.SAMPLES,
    *complaint.SAMPLES,
    *pledge.SAMPLES,
    *bulletin.SAMPLES,
]
