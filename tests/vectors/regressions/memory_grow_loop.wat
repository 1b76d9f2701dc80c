;; wasmi 2.0.0 kept a native stack frame for each `memory.grow`, and a loop of them took the process down.
(module
  (memory (export "memory") 1 3)
  (func (export "grow by none") (result i32) (local i32 i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (memory.grow (i32.const 0))))
      (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000000))))
    (local.get 1))
  (func (export "grow too much") (param i32) (result i32) (local i32 i32)
    (loop $again
      (local.set 2 (i32.add (local.get 2) (memory.grow (i32.or (local.get 0) (i32.const 0x80000000)))))
      (br_if $again (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 100000))))
    (local.get 2))
  (func (export "grow") (param i32) (result i32 i32)
    (memory.grow (local.get 0))
    (memory.size)))
