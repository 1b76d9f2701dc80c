;; `copysign` shows the sign of its second operand, and passes the bits of its first on.
(module
  (func (export "leak f32 sign") (param f32) (result f32)
    (f32.copysign (f32.const 1) (f32.sqrt (local.get 0))))
  (func (export "leak f64 sign") (param f64) (result f64)
    (f64.copysign (f64.const 1) (f64.sub (local.get 0) (local.get 0))))
  (func (export "leak magnitude later") (param f32) (result i32)
    (i32.reinterpret_f32 (f32.copysign (f32.sqrt (local.get 0)) (f32.const -1))))
  (func (export "keep magnitude") (param i32) (result i32)
    (f32.lt (f32.copysign (f32.sqrt (f32.convert_i32_s (i32.sub (i32.const -1) (local.get 0))))
      (f32.const -1)) (f32.const 0)))
  (func (export "leak neg of a sign") (param f32) (result f32)
    (f32.copysign (f32.const 1) (f32.neg (f32.sqrt (local.get 0))))))
