"""Faster ways to read what the modules beside this folder read the standard's way.

Purpose: speed.
Rule: each can be deleted, with the lines that use it, and nothing but speed changes; a test compares both ways.
"""
