"""The live line: news of an institution to every open page, by server-sent events.

``app`` opens a stream, ``hub`` reads what is new once per process, ``words`` writes it down.
"""
