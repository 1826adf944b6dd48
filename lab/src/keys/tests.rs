use super::*;

const SCHEMES: [Scheme; 3] = [Scheme::MacVector, Scheme::Ed25519, Scheme::Bls];
const STATEMENT: &[u8] = b"place 7 holds the block 0123456789";

/// Four replicas and a client that know each other.
fn units() -> Vec<UnitKeys> {
    let units: Vec<UnitKeys> =
        (1..=5).map(|unit| UnitKeys::new(UnitId(unit), 4, Arc::new(SecretKeys::generate().unwrap()))).collect();
    for unit in &units {
        units.iter().for_each(|other| unit.learn(other.me, &[other.secret.public()]));
    }
    units
}

fn set(members: &[u32]) -> ReplicaSet {
    let mut set = ReplicaSet::EMPTY;
    members.iter().for_each(|member| {
        set.insert(ReplicaId(*member));
    });
    set
}

#[test]
fn a_signature_holds_for_its_statement_and_signer_only_whatever_is_cut_or_flipped() {
    let units = units();
    for scheme in SCHEMES {
        let signature = units[1].sign(scheme, STATEMENT);
        for verifier in &units[..4] {
            assert!(verifier.verify(scheme, ReplicaId(1), STATEMENT, &signature), "{scheme:?}");
            assert!(!verifier.verify(scheme, ReplicaId(2), STATEMENT, &signature), "{scheme:?}: another signer");
            assert!(!verifier.verify(scheme, ReplicaId(9), STATEMENT, &signature), "{scheme:?}: nobody");
            assert!(!verifier.verify(scheme, ReplicaId(u32::MAX), STATEMENT, &signature), "{scheme:?}: nobody");
            assert!(
                !verifier.verify(scheme, ReplicaId(1), &STATEMENT[1..], &signature),
                "{scheme:?}: another statement"
            );
        }
        let verifier = &units[0];
        for cut in 0..signature.len() {
            assert!(!verifier.verify(scheme, ReplicaId(1), STATEMENT, &signature[..cut]), "{scheme:?} cut at {cut}");
        }
        let longer = [signature.as_ref(), &[0]].concat();
        assert!(!verifier.verify(scheme, ReplicaId(1), STATEMENT, &longer), "{scheme:?}");
        // Replica 0 has the first tag of a vector; the others are not for it to judge.
        let covered = if scheme == Scheme::MacVector { 16 } else { signature.len() };
        for bit in 0..covered * 8 {
            let mut flipped = signature.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifier.verify(scheme, ReplicaId(1), STATEMENT, &flipped), "{scheme:?} bit {bit}");
        }
    }
}

#[test]
fn a_certificate_convinces_every_replica_and_needs_exactly_its_voters() {
    let units = units();
    for scheme in SCHEMES {
        let parts: Vec<(ReplicaId, Bytes)> =
            [0, 2, 3].map(|voter| (ReplicaId(voter), units[voter as usize].sign(scheme, STATEMENT))).to_vec();
        let proof = units[0].combine(scheme, &parts);
        for verifier in &units[..4] {
            let holds = |voters: &[u32], statement: &[u8], proof: &[u8]| {
                verifier.verify_combined(scheme, set(voters), statement, proof)
            };
            assert!(holds(&[0, 2, 3], STATEMENT, &proof), "{scheme:?} at {:?}", verifier.me);
            assert!(!holds(&[0, 1, 3], STATEMENT, &proof), "{scheme:?}: other voters");
            assert!(!holds(&[0, 2], STATEMENT, &proof), "{scheme:?}: fewer");
            assert!(!holds(&[0, 1, 2, 3], STATEMENT, &proof), "{scheme:?}: more");
            assert!(!holds(&[0, 2, 77], STATEMENT, &proof), "{scheme:?}: somebody who is not there");
            assert!(!holds(&[], STATEMENT, &[]), "{scheme:?}: nobody");
            assert!(!holds(&[0, 2, 3], b"something else", &proof), "{scheme:?}");
            for cut in 0..proof.len() {
                assert!(!holds(&[0, 2, 3], STATEMENT, &proof[..cut]), "{scheme:?} cut at {cut}");
            }
        }
        let mut with_one_false = parts.clone();
        with_one_false[1].1 = units[1].sign(scheme, STATEMENT);
        let proof = units[0].combine(scheme, &with_one_false);
        assert!(!units[0].verify_combined(scheme, set(&[0, 2, 3]), STATEMENT, &proof), "{scheme:?}");
        let with_garbage = [(ReplicaId(0), parts[0].1.clone()), (ReplicaId(2), Bytes::from_static(b"?"))];
        let proof = units[0].combine(scheme, &with_garbage);
        assert!(!units[0].verify_combined(scheme, set(&[0, 2]), STATEMENT, &proof), "{scheme:?}");
    }
}

#[test]
fn one_replicas_signature_never_passes_as_a_certificate_of_others_however_often_it_was_verified() {
    let units = units();
    let signature = units[2].sign(Scheme::Bls, STATEMENT);
    assert!(units[0].verify(Scheme::Bls, ReplicaId(2), STATEMENT, &signature));
    for bits in 0..16u32 {
        let voters: Vec<u32> = (0..4).filter(|voter| bits & 1 << voter != 0).collect();
        let alone = voters == [2];
        assert_eq!(units[0].verify_combined(Scheme::Bls, set(&voters), STATEMENT, &signature), alone, "{voters:?}");
    }
}

#[test]
fn a_client_proves_its_request_to_every_replica() {
    let units = units();
    for scheme in [Scheme::MacVector, Scheme::Ed25519] {
        let proof = units[4].sign_request(scheme, STATEMENT);
        for replica in &units[..4] {
            assert!(replica.verify_request(scheme, 0, STATEMENT, &proof));
            assert!(!replica.verify_request(scheme, 1, STATEMENT, &proof), "another client unit");
            assert!(!replica.verify_request(scheme, u16::MAX, STATEMENT, &proof), "nobody");
            assert!(!replica.verify_request(scheme, 0, b"another request", &proof));
            assert!(!replica.verify_request(scheme, 0, STATEMENT, &proof[..proof.len() / 2]));
        }
    }
}

#[test]
fn what_a_unit_signed_in_an_earlier_life_still_counts_in_certificates_with_new_signatures() {
    let mut units = units();
    for scheme in [Scheme::Ed25519, Scheme::Bls] {
        let before: Vec<Bytes> = units[..3].iter().map(|unit| unit.sign(scheme, STATEMENT)).collect();
        let former = units[2].secret.public();
        units[2] = UnitKeys::new(UnitId(3), 4, Arc::new(SecretKeys::generate().unwrap()));
        let lives = [units[2].secret.public(), former];
        units.iter().for_each(|unit| unit.learn(UnitId(3), &lives));
        let after = units[2].sign(scheme, STATEMENT);
        for last in [before[2].clone(), after] {
            let parts = [(0, before[0].clone()), (1, before[1].clone()), (2, last)];
            let proof = units[0].combine(scheme, &parts.map(|(voter, part)| (ReplicaId(voter), part)));
            assert!(units[1].verify_combined(scheme, set(&[0, 1, 2]), STATEMENT, &proof), "{scheme:?}");
        }
    }
}

#[test]
fn keys_are_vouched_for_only_with_a_proof_of_possession() {
    let (mine, other) = (SecretKeys::generate().unwrap().public(), SecretKeys::generate().unwrap().public());
    assert!(mine.are_sound());
    assert!(!PublicKeys { possession: other.possession, ..mine.clone() }.are_sound());
    assert!(!PublicKeys { bls: other.bls, ..mine.clone() }.are_sound());
    assert!(!PublicKeys { ed25519: [0; 32], ..mine.clone() }.are_sound(), "a weak key");
    assert!(!PublicKeys { bls: vec![0xff; 96], ..mine }.are_sound());
}
