"""Signing in at a provider of one's organisation (OpenID Connect Core 1.0), by configuration; off where none is named.

allauth carries the code flow with state and PKCE. What it leaves open is closed here: the ID token's signature is
always verified, the nonce is bound to the PKCE verifier, issuers are compared, and only who exists here comes in.
"""
