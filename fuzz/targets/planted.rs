//! The positive control: a fault behind four bytes, which chance does not find in some seconds
//! and coverage does. A runner that reports nothing here is not looking.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = data.iter();
    if bytes.next() == Some(&b'S')
        && bytes.next() == Some(&b'a')
        && bytes.next() == Some(&b'r')
        && bytes.next() == Some(&b'!')
    {
        panic!("the planted fault");
    }
});
