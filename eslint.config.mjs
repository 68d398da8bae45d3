import tseslint from 'typescript-eslint'

/** Time, timers and randomness have one owner, src/base/system.ts; everything else is handed them. */
const owned = 'Time, timers and randomness belong to src/base/system.ts: take a Clock or an id source as an argument.'
const call = (object, property) => ({
  selector: `CallExpression[callee.object.name='${object}'][callee.property.name='${property}']`,
  message: owned,
})
const impure = {
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map(name => ({ name, message: owned })),
  ],
  'no-restricted-syntax': [
    'error',
    call('Date', 'now'),
    call('Math', 'random'),
    call('crypto', 'randomUUID'),
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: owned },
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        { name: 'node:timers', message: owned },
        { name: 'node:timers/promises', message: owned },
        { name: 'node:perf_hooks', message: owned },
        {
          name: 'node:crypto',
          importNames: ['randomBytes', 'randomUUID', 'randomInt', 'getRandomValues'],
          message: owned,
        },
      ],
    },
  ],
}

export default tseslint.config(
  { ignores: ['build/', 'node_modules/', '.aladdin/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400 }],
    },
  },
  {
    files: ['src/**/*.ts', 'lab/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    ignores: ['src/base/system.ts'],
    rules: impure,
  },
  // tap waits for its subtests itself; a story need not wait for anything.
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafePromises: [{ from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' }] },
      ],
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
)
