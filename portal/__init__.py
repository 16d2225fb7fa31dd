"""The portal: pages for people, made of one look."""
