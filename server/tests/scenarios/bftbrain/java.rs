//! A stand-in for `java`: this very test program, which a script of that name starts again. It behaves like the framework's
//! two classes as far as their console, their terminal, their files and the backend go; what they say to each other is its
//! own. Like theirs, its processes do not exit by themselves.

use super::unit::{Poller, Prefix, client_metrics, replica_metrics, report};
use model::config::ConfigTree;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

const ARGUMENTS: &str = "BFTGYM_STAND_IN_JAVA";
const MODE: &str = "BFTGYM_STAND_IN_MODE";
const CLASS: &str = "code/target/classes/com/gbft/framework/coordination/CoordinatorServer.class";

/// Makes a checkout that looks built, and a home of Java; `mode` is how the stand-in misbehaves, if it does.
pub(crate) fn install(folder: &Path, mode: &str) {
    let checkout = folder.join("BFTBrain");
    std::fs::create_dir_all(checkout.join(CLASS).parent().unwrap()).unwrap();
    std::fs::write(checkout.join(CLASS), "").unwrap();
    std::fs::create_dir_all(checkout.join("code/target/dependency")).unwrap();
    std::fs::create_dir_all(checkout.join("config")).unwrap();
    for name in model::bftbrain::FRAMEWORK_PROTOCOLS {
        std::fs::write(checkout.join(format!("config/config.{name}.yaml")), format!("protocol: {name}\n")).unwrap();
    }
    let java = folder.join("jdk/bin/java");
    std::fs::create_dir_all(java.parent().unwrap()).unwrap();
    let program = std::env::current_exe().unwrap();
    let script = format!(
        "#!/bin/sh\n{MODE}={mode} {ARGUMENTS}=\"$*\" exec {} bftbrain::java::acts_as_java --exact --nocapture \
         --test-threads=1\n",
        program.display()
    );
    std::fs::write(&java, script).unwrap();
    std::fs::set_permissions(&java, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Not a test of its own: what the script runs.
#[test]
fn acts_as_java() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    let mode = std::env::var(MODE).unwrap_or_default();
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let option = |name: &str| {
        let place = arguments.iter().position(|argument| *argument == name);
        place.and_then(|place| arguments.get(place + 1)).copied().unwrap_or_default()
    };
    assert_eq!(arguments[0], "--enable-preview");
    assert!(option("-cp").ends_with("/code/target/dependency/*"), "{arguments:?}");
    let class = arguments[3].rsplit('.').next().unwrap();
    match (class, mode.as_str()) {
        (_, "outdated") => {
            eprintln!("Error: LinkageError: class file version 64.65535, this version only recognizes up to 61.0");
            std::process::exit(1);
        }
        ("CoordinatorUnit", "no-replica-2") if option("-u") == "2" => {
            eprintln!("Exception in thread \"main\" java.lang.OutOfMemoryError");
            std::process::exit(3);
        }
        ("CoordinatorServer", "silent") => wait_for_ever(),
        ("CoordinatorServer", _) => coordinator(option("-p").parse().unwrap(), option("-r"), &mode),
        _ => unit(option("-u").parse().unwrap(), !option("-c").is_empty(), option("-s"), &mode),
    }
}

fn wait_for_ever() -> ! {
    loop {
        thread::sleep(Duration::from_secs(3_600));
    }
}

fn coordinator(port: u16, protocol: &str, mode: &str) -> ! {
    assert!(std::io::stdin().is_terminal() && std::io::stdout().is_terminal(), "NullPointerException: no console");
    let Ok(listener) = TcpListener::bind(("0.0.0.0", port)) else {
        eprintln!("Problem while creating socket.");
        wait_for_ever()
    };
    let text = std::fs::read_to_string("../config/config.framework.yaml").unwrap_or_else(|_| {
        eprintln!("Error reading config files.");
        std::process::exit(1)
    });
    let config = model::yaml::parse(&text).unwrap();
    let pool = config.text("switching.protocol-pool", "");
    for name in pool.split(", ") {
        std::fs::read_to_string(format!("../config/config.{name}.yaml")).unwrap();
    }
    assert!(pool.split(", ").any(|name| name == protocol) && pool.contains("cheapbft"), "{pool}");
    std::fs::create_dir_all("benchmarks").unwrap();
    std::fs::write(format!("benchmarks/0001-{protocol}.txt"), "== Benchmark Parameters\n").unwrap();
    let (come, units) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
            println!("12:00:00.0  Unit {} is connected.", line.trim());
            come.send(stream).unwrap();
        }
    });
    poll_for_ever(&config, 0);
    println!("Press Enter after all units are connected, to start the benchmark.");
    let mut typed = std::io::stdin().lines();
    typed.next().unwrap().unwrap();
    print!("Initializing units ...");
    // Numbers are given in the order of arrival.
    let mut units: Vec<TcpStream> = units.try_iter().collect();
    for (entity, unit) in units.iter_mut().enumerate() {
        writeln!(unit, "config {entity} {protocol}").unwrap();
    }
    if mode == "thread-fails" {
        wait_for_ever();
    }
    println!("\rUnits initialized.       ");
    units.iter_mut().for_each(|unit| writeln!(unit, "start").unwrap());
    println!("Benchmark started.\nAvailable commands: \"stop\"");
    loop {
        print!("$ ");
        std::io::stdout().flush().unwrap();
        if typed.next().unwrap().unwrap() == "stop" {
            break;
        }
    }
    println!("12:00:09.0  Stopping all entities.");
    units.iter_mut().for_each(|unit| writeln!(unit, "stop").unwrap());
    wait_for_ever()
}

fn unit(number: u32, is_client: bool, server: &str, mode: &str) -> ! {
    let mut stream = TcpStream::connect(server).unwrap();
    writeln!(stream, "{number}").unwrap();
    // The real one gets the texts in its configuration; it reads no file.
    let text = std::fs::read_to_string("../config/config.framework.yaml").unwrap();
    let config = model::yaml::parse(&text).unwrap();
    let (mut entity, mut protocol) = (0, String::new());
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { break };
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["config", number_there, name] => {
                if mode == "thread-fails" && number == 1 {
                    eprintln!("Exception in thread \"Thread-2\" java.lang.NoClassDefFoundError: io/grpc/Server");
                    eprintln!("\tat java.base/java.lang.Thread.run(Thread.java:840)");
                    wait_for_ever();
                }
                (entity, protocol) = (number_there.parse().unwrap(), (*name).to_owned());
                poll_for_ever(&config, number + 1);
                println!("12:00:01.0  Unit configured.");
            }
            ["start"] => report_for_ever(&config, entity, is_client, &protocol),
            _ => break,
        }
    }
    println!("12:00:09.0  Unit execution stopped.");
    // Its threads do not notice that the others are gone.
    for _ in 0..5_000 {
        eprintln!("java.io.EOFException\n\tat java.base/java.io.DataInputStream.readInt(DataInputStream.java:386)");
    }
    wait_for_ever()
}

fn prefix(config: &ConfigTree) -> Prefix {
    Prefix::of(&config.text("demo.update_server", ""), &config.text("demo.update_port", ""))
}

fn poll_for_ever(config: &ConfigTree, unit: u32) {
    let mut poller = Poller::new(prefix(config), unit);
    let interval = Duration::from_millis(config.integer("demo.update_interval_ms", 0).unsigned_abs());
    thread::spawn(move || {
        while poller.dead.is_none() {
            thread::sleep(interval);
            poller.poll();
        }
        println!("polling ended: {:?}", poller.dead);
    });
}

fn report_for_ever(config: &ConfigTree, entity: u32, is_client: bool, protocol: &str) {
    let (prefix, protocol) = (prefix(config), protocol.to_owned());
    let interval = Duration::from_millis(config.integer("benchmark.benchmark-interval-ms", 0).unsigned_abs());
    thread::spawn(move || {
        loop {
            thread::sleep(interval);
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
            let metrics = if is_client { client_metrics(&protocol) } else { replica_metrics(&protocol) };
            report(&prefix, entity, now.cast_signed(), metrics);
        }
    });
}
