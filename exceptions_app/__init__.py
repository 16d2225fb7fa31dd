"""The record and its law: cases, their parts, the FSM, the one door."""
