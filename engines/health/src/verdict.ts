/** Upstream's six states. `NotFound` and `Unknown` come from looking, never from an object's content. */
export type HealthStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown'

/** A verdict with the sentence that a user reads about it. */
export type Health = { readonly status: HealthStatus; readonly message: string }

export function current(message: string): Health {
  return { status: 'Current', message }
}

export function inProgress(message: string): Health {
  return { status: 'InProgress', message }
}

export function failed(message: string): Health {
  return { status: 'Failed', message }
}

/** The object could not be judged. */
export function unknown(message: string): Health {
  return { status: 'Unknown', message }
}
