//! What people read, in Bahasa Indonesia and English.
