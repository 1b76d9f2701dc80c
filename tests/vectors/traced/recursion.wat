;; Many frames at once, with operands below each call.
(module
  (func $down (param i32 v128) (result i32) (local i64)
    (local.set 2 (i64.extend_i32_u (local.get 0)))
    (if (result i32) (local.get 0)
      (then
        (i32.const 3)
        (call $down (i32.sub (local.get 0) (i32.const 1)) (i32x4.splat (local.get 0)))
        i32.add)
      (else (i32.const 0))))
  (func (export "recursion") (param i32) (result i32)
    (call $down (i32.and (local.get 0) (i32.const 1023)) (v128.const i64x2 1 2)))
  (func (export "deep recursion") (result i32)
    (call $down (i32.const 1000000) (v128.const i64x2 1 2))))
