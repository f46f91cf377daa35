/**
 * Fakes of the ports, for tests.
 *
 * @example
 * const clock = fakeClock()
 * await clock.advance(600_000) // ten minutes at once
 */
export { type FakeClock, fakeClock } from './fake-clock.ts'
export { type FakeResponse, fakeHttp } from './fake-http.ts'
export { type LogLine, recordingLogger } from './recording-logger.ts'
export { seededRandom } from './seeded-random.ts'
