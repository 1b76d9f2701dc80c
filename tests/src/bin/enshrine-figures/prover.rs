//! The step machine: speed, hashes, proofs and their sizes.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use enshrine_l1::OneStepVerifier;
use enshrine_prover::{Machine, Proof, Terminal, Trace, TraceConfig, verify_step};
use enshrine_runtime::{
    Fuel, Model, Runtime, RuntimeConfig, engine::EngineKind, isa::family, meter::NanMode,
};
use serde_json::{Value, json};

use crate::{Result, median, models::Case, ms, timed};

const FUEL: Fuel = Fuel {
    load: 1 << 36,
    infer: 1 << 40,
};

/// Steps walked at each place to measure speed.
const WALK: u64 = 5_000_000;

/// Places in the run that are measured.
const PLACES: u64 = 8;

/// Proofs made at each place, a little apart.
const PROOFS: usize = 200;

/// Steps between two hashes.
const BETWEEN: u64 = 1_000;

/// Times of one kind, and sizes by family.
#[derive(Default)]
struct Seen {
    walked: Duration,
    hashes: Vec<Duration>,
    proofs: Vec<Duration>,
    sizes: BTreeMap<&'static str, Vec<usize>>,
    /// Of the verifier on L1, calldata at its highest price.
    gas: Vec<u64>,
}

/// The figures of `case`: at places spread over load and inference.
pub(crate) fn measure(runtime: &Runtime, case: &Case) -> Result<Value> {
    let config = |engine| -> Result<TraceConfig> {
        Ok(TraceConfig {
            runtime: runtime.clone(),
            model: Model::new(fs::read(&case.model)?)?,
            input: Arc::from(fs::read(&case.input)?),
            fuel: FUEL,
            engine,
        })
    };
    let mut row = json!({ "model": case.name });
    for engine in EngineKind::ALL {
        runtime.warm_trace(engine, NanMode::Speculative)?;
        let config = config(engine)?;
        let (mut trace, open) = timed(|| Trace::new(config))?;
        let end = end(trace.final_state()?)?;
        let (proof, prove) = timed(|| trace.prove(end / 5 * 4))?;
        row["open_trace_ms"] = ms(open).into();
        row[format!("first_proof_{}_ms", engine.name())] = ms(prove).into();
        row["first_proof_bytes"] = proof.proof.as_bytes().len().into();
        if engine == EngineKind::Wasmtime {
            let (dissected, time) = timed(|| trace.dissect(0, end, 64))?;
            row["dissect_64_ms"] = ms(time).into();
            assert_eq!(dissected.len(), 64);
            let places: Vec<u64> = (0..PLACES).map(|place| end / PLACES * place).collect();
            let mut seen = Seen::default();
            let verifier = OneStepVerifier::deploy()?;
            for place in places {
                at(trace.state(place)?, &verifier, &mut seen)?;
            }
            figures(&mut row, seen);
            rehash(&mut row, &mut trace, end)?;
        }
    }
    Ok(row)
}

fn end(terminal: Terminal) -> Result<u64> {
    match terminal {
        Terminal::Finished {
            load_fuel_left,
            fuel_left,
            ..
        } => Ok((FUEL.load - load_fuel_left) + (FUEL.infer - fuel_left)),
        Terminal::Failed => Err("the run fails".into()),
    }
}

/// Walks, hashes and proves from one place on.
fn at(mut machine: Machine, verifier: &OneStepVerifier, seen: &mut Seen) -> Result<()> {
    machine.hash();
    seen.walked += timed(|| Ok::<_, std::io::Error>(machine.run(WALK)))?.1;
    machine.hash();
    for _ in 0..PROOFS {
        machine.run(BETWEEN);
        if machine.terminal().is_some() {
            break;
        }
        seen.hashes
            .push(timed(|| Ok::<_, std::io::Error>(machine.hash()))?.1);
        let family = machine.next_word().and_then(|word| family(word.opcode));
        let before = machine.hash();
        let (proof, time) = timed(|| Ok::<_, std::io::Error>(Proof::of_step(&mut machine)))?;
        let after = verify_step(before, &proof)?;
        let on_l1 = verifier.prove_step(before, &proof)?;
        if after != machine.hash() || on_l1.after != after {
            return Err("a proof leads elsewhere".into());
        }
        seen.gas.push(on_l1.gas.total());
        seen.proofs.push(time);
        let sizes = seen
            .sizes
            .entry(family.map_or("none", |family| family.name()));
        sizes.or_default().push(proof.as_bytes().len());
    }
    Ok(())
}

fn figures(row: &mut Value, mut seen: Seen) {
    seen.gas.sort_unstable();
    row["l1_gas_median"] = seen.gas[seen.gas.len() / 2].into();
    row["l1_gas_largest"] = seen.gas.last().copied().into();
    let steps = (PLACES * WALK) as f64;
    row["step_machine_mega_steps_per_second"] = (steps / 1e6 / seen.walked.as_secs_f64()).into();
    row["hash_after_1000_steps_us"] = (ms(median(seen.hashes)) * 1e3).into();
    row["prove_us"] = (ms(median(seen.proofs)) * 1e3).into();
    let mut all: Vec<_> = seen.sizes.values().flatten().copied().collect();
    all.sort_unstable();
    row["proofs_verified"] = all.len().into();
    row["proof_bytes_median"] = all[all.len() / 2].into();
    row["proof_bytes_largest"] = all[all.len() - 1].into();
    let families = seen.sizes.into_iter().map(|(family, mut sizes)| {
        sizes.sort_unstable();
        let sizes = json!({
            "proofs": sizes.len(),
            "median": sizes[sizes.len() / 2],
            "largest": sizes[sizes.len() - 1],
        });
        (family.to_owned(), sizes)
    });
    row["proof_bytes"] = families.collect::<serde_json::Map<_, _>>().into();
}

/// Hashing a state whose memory differs from a hashed one's in what an inference writes.
fn rehash(row: &mut Value, trace: &mut Trace, end: u64) -> Result<()> {
    let Terminal::Finished { load_fuel_left, .. } = trace.final_state()? else {
        return Ok(());
    };
    let step = FUEL.load - load_fuel_left;
    let loaded = trace.state(step)?;
    let (_, first) = timed(|| trace.state_hash(step))?;
    let before: Vec<_> = loaded.memory().pages().copied().collect();
    let last = trace.state(end - 1)?;
    let pages = last.memory().pages();
    let changed = pages
        .zip(&before)
        .filter(|(now, before)| now != before)
        .count();
    let (_, again) = timed(|| trace.state_hash(end - 1))?;
    row["memory_pages"] = before.len().into();
    row["hash_after_load_ms"] = ms(first).into();
    row["pages_changed_by_infer"] = changed.into();
    row["hash_after_infer_ms"] = ms(again).into();
    Ok(())
}

/// The figures of a model and an input at any place.
pub(crate) fn measure_files(cache: &str, model: &str, input: &str) -> Result<()> {
    let runtime = Runtime::new(RuntimeConfig::bundled(Some(cache.into()))?)?;
    let (model, input) = (model.into(), input.into());
    let name = "from the command line";
    let row = measure(&runtime, &Case { name, model, input })?;
    println!("{}", serde_json::to_string_pretty(&row)?);
    Ok(())
}
