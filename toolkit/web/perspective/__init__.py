"""The contract of the Perspective API (v1alpha1), answered by the local analyzers."""
