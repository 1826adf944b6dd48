//! The public framework BFTBrain, without a JDK: stand-ins for its units, which speak to a server exactly as its Java does,
//! and for `java` itself, which the program starts, asks and ends like the real one.

mod java;
mod local;
mod machine;
mod unit;
mod wire;
