//! `.wast` scripts, the WebAssembly project's test format, in every executor.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use enshrine_runtime::{compile::compile, module::ModuleError};
use wast::{
    QuoteWat, Wast, WastDirective, WastExecute, WastInvoke, WastRet, Wat,
    lexer::Lexer,
    parser::{self, ParseBuffer},
};

use crate::{
    differential::{Answer, Finding, Lockstep, Setup},
    naive::Blobs,
    values::{argument, matches},
};

/// Reason and lines of the modules that the profile refuses.
pub type Reasons = BTreeMap<String, BTreeSet<usize>>;

/// More than any function of the suite needs.
const FUEL: u64 = 1 << 34;

/// What a run of a script saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Modules that ran.
    pub modules: usize,
    /// Calls made in every executor.
    pub calls: u64,
    /// Steps that were proved, each proof verified.
    pub proofs: u64,
    /// Valid modules that the profile refuses. They are not run.
    pub skipped: Reasons,
}

/// Runs the script `text` of `file` in every executor.
///
/// # Errors
/// Text that says where the script cannot be read, where an executor differs from the naive machine, and where all differ
/// from what the script expects.
pub fn run(file: &str, text: &str) -> Result<Report, String> {
    run_with(file, text, Setup::default())
}

/// Runs the script `text` of `file` in the executors of `setup`.
///
/// # Errors
/// As [`run`], and text that says where the observer finds something.
pub fn run_with(file: &str, text: &str, setup: Setup) -> Result<Report, String> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(|error| error.to_string())?;
    let script = parser::parse::<Wast<'_>>(&buffer).map_err(|error| error.to_string())?;
    let mut runner = Runner::new(setup);
    for directive in script.directives {
        let line = directive.span().linecol_in(text).0 + 1;
        runner.line = line;
        runner
            .directive(directive)
            .map_err(|error| format!("{file}:{line}: {error}"))?;
    }
    runner
        .finish()
        .map_err(|error| format!("{file}: at the end: {error}"))?;
    Ok(runner.report)
}

/// A module of the script.
#[derive(Default)]
struct Instance {
    /// Nothing if the profile refuses the module.
    lockstep: Option<Box<Lockstep>>,
    /// Another module, which the profile refuses, imports from this one and may have changed its state: the machines
    /// must agree with each other, but not with the script.
    shared: bool,
}

struct Runner {
    setup: Setup,
    instances: Vec<Instance>,
    named: HashMap<String, usize>,
    registered: HashMap<String, usize>,
    line: usize,
    report: Report,
}

impl Runner {
    fn new(setup: Setup) -> Self {
        Self {
            setup,
            instances: Vec::new(),
            named: HashMap::new(),
            registered: HashMap::new(),
            line: 0,
            report: Report::default(),
        }
    }

    fn directive(&mut self, directive: WastDirective<'_>) -> Result<(), String> {
        match directive {
            WastDirective::Module(module) => self.module(module),
            WastDirective::AssertMalformed { mut module, .. }
            | WastDirective::AssertInvalid { mut module, .. } => {
                // What cannot even be written as binary is refused by the text format.
                module.encode().map_or(Ok(()), |wasm| self.refused(&wasm))
            }
            WastDirective::AssertUnlinkable { mut module, .. } => {
                self.refused(&encode(&mut module)?)
            }
            WastDirective::Invoke(invoke) => self.invoke(&invoke).map(drop),
            WastDirective::AssertReturn { exec, results, .. } => self.returns(exec, &results),
            WastDirective::AssertTrap { exec, .. } => self.traps(exec),
            WastDirective::AssertExhaustion { call, .. } => self.fails(&call),
            WastDirective::Register { name, module, .. } => {
                let index = self.index(module)?;
                self.registered.insert(name.to_owned(), index);
                Ok(())
            }
            other => Err(format!(
                "no such directive in the profile's files: {other:?}"
            )),
        }
    }

    fn module(&mut self, mut module: QuoteWat<'_>) -> Result<(), String> {
        let name = match &module {
            QuoteWat::Wat(Wat::Module(module)) => module.id.map(|id| id.name().to_owned()),
            _ => None,
        };
        let wasm = module.encode().map_err(|error| error.to_string())?;
        let lockstep = match Lockstep::with_setup(&wasm, Blobs::default(), &self.setup) {
            Ok(lockstep) => {
                self.report.modules += 1;
                Some(Box::new(lockstep))
            }
            Err(Finding::Module(error)) => {
                self.outside(&wasm);
                self.report
                    .skipped
                    .entry(reason(&error))
                    .or_default()
                    .insert(self.line);
                None
            }
            Err(other) => return Err(other.to_string()),
        };
        if let Some(name) = name {
            self.named.insert(name, self.instances.len());
        }
        self.instances.push(Instance {
            lockstep,
            shared: false,
        });
        Ok(())
    }

    fn index(&self, name: Option<wast::token::Id<'_>>) -> Result<usize, String> {
        let index = match name {
            Some(id) => self.named.get(id.name()).copied(),
            None => self.instances.len().checked_sub(1),
        };
        index.ok_or_else(|| "no such module".to_owned())
    }

    fn instance(&mut self, name: Option<wast::token::Id<'_>>) -> Result<&mut Instance, String> {
        let index = self.index(name)?;
        Ok(&mut self.instances[index])
    }

    /// Marks what a module outside the profile may have changed.
    fn outside(&mut self, wasm: &[u8]) {
        for module in imported_modules(wasm) {
            if let Some(index) = self.registered.get(&module) {
                self.instances[*index].shared = true;
            }
        }
    }

    fn refused(&mut self, wasm: &[u8]) -> Result<(), String> {
        if compile(wasm).is_ok() {
            return Err("the module should be refused".to_owned());
        }
        self.outside(wasm);
        Ok(())
    }

    /// Calls a function. Nothing if the script's expectation does not apply.
    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Option<Answer>, String> {
        let Instance { lockstep, shared } = self.instance(invoke.module)?;
        let (Some(lockstep), shared) = (lockstep, *shared) else {
            return Ok(None);
        };
        let args: Option<Vec<_>> = invoke.args.iter().map(argument).collect();
        let args = args.ok_or("a reference as argument")?;
        let answer = lockstep
            .call(invoke.name, &args, FUEL)
            .map_err(|error| error.to_string())?;
        Ok((!shared).then_some(answer))
    }

    fn returns(&mut self, exec: WastExecute<'_>, expected: &[WastRet<'_>]) -> Result<(), String> {
        let results = match exec {
            WastExecute::Invoke(invoke) => match self.invoke(&invoke)? {
                Some(Answer::Returned { results, .. }) => results,
                Some(failed) => return Err(format!("expected {expected:?}, got {failed:?}")),
                None => return Ok(()),
            },
            WastExecute::Get { module, global, .. } => match self.instance(module)? {
                Instance {
                    lockstep: Some(lockstep),
                    shared: false,
                } => {
                    vec![lockstep.global(global).ok_or("no such global")?]
                }
                _ => return Ok(()),
            },
            WastExecute::Wat(_) => return Err("a module that returns".to_owned()),
        };
        let same = results.len() == expected.len()
            && expected
                .iter()
                .zip(&results)
                .all(|(expected, got)| matches(expected, *got));
        if same {
            Ok(())
        } else {
            Err(format!("expected {expected:?}, got {results:x?}"))
        }
    }

    fn traps(&mut self, exec: WastExecute<'_>) -> Result<(), String> {
        match exec {
            WastExecute::Invoke(invoke) => self.fails(&invoke),
            // A module that fails to start is no guest.
            WastExecute::Wat(mut module) => self.refused(&encode(&mut module)?),
            WastExecute::Get { .. } => Err("a global that traps".to_owned()),
        }
    }

    fn fails(&mut self, invoke: &WastInvoke<'_>) -> Result<(), String> {
        match self.invoke(invoke)? {
            None | Some(Answer::Failed(_)) => Ok(()),
            Some(returned) => Err(format!("expected a failure, got {returned:x?}")),
        }
    }

    fn finish(&mut self) -> Result<(), Finding> {
        let locksteps = self.instances.iter_mut();
        for lockstep in locksteps.filter_map(|instance| instance.lockstep.as_mut()) {
            lockstep.compare_state()?;
            self.report.calls += lockstep.calls();
            self.report.proofs += lockstep.proofs();
        }
        Ok(())
    }
}

fn encode(module: &mut Wat<'_>) -> Result<Vec<u8>, String> {
    module.encode().map_err(|error| error.to_string())
}

/// Why the profile refuses a valid module.
fn reason(error: &ModuleError) -> String {
    match error {
        ModuleError::Unsupported { what, .. } => match what.split_once(" {") {
            Some((instruction, _)) => instruction.to_owned(),
            None => what.replace('\n', " "),
        },
        ModuleError::Limit { what, expected, .. } => format!("more than {expected} {what}"),
        // Valid with features that the profile does not have.
        other => other.to_string(),
    }
}

/// Modules that `wasm` imports from.
fn imported_modules(wasm: &[u8]) -> Vec<String> {
    let payloads = wasmparser::Parser::new(0).parse_all(wasm);
    let sections = payloads.filter_map(|payload| match payload {
        Ok(wasmparser::Payload::ImportSection(section)) => Some(section),
        _ => None,
    });
    let imports = sections.flat_map(|section| section.into_imports().flatten());
    imports.map(|import| import.module.to_owned()).collect()
}
