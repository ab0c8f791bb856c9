#![allow(dead_code)]
mod domain;
mod measure;
mod peers;
mod raw;
fn main(){}
