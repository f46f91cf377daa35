import { createServer } from 'node:http'
import { gitHttpHandler } from '@sluice/git'
import { closeServer, listenOnLoopback } from './loopback-server.ts'
import { isSameSecret } from './same-secret.ts'

/** A repository that the server offers. */
export type ServedRepository = {
  /** Directory that Git can open: a bare repository or a work tree. */
  readonly directory: string
  /** Whether pushes are taken. Never for a person's own work tree. */
  readonly writable: boolean
}

export type GitServerOptions = {
  /** URL path without leading slash and `.git`, such as `cnych/k8s-demo-config`. */
  readonly repositories: ReadonlyMap<string, ServedRepository>
  readonly credentials: { readonly username: string; readonly password: string }
  /** 0 takes any free port. */
  readonly port: number
}

export type GitServer = AsyncDisposable & { readonly port: number }

/**
 * Serves repositories of this machine over smart HTTP with basic authentication, on loopback only.
 *
 * @throws the listening socket's error, such as EADDRINUSE.
 */
export async function startGitServer({
  repositories,
  credentials,
  port,
}: GitServerOptions): Promise<GitServer> {
  const repositoryAt = (path: string): ServedRepository | undefined =>
    repositories.get(path.replace(/^\//, ''))
  const server = createServer(
    gitHttpHandler({
      locate: (path) => repositoryAt(path)?.directory,
      authorize: (path, user) => {
        if (
          !user ||
          !isSameSecret(user.name, credentials.username) ||
          !isSameSecret(user.password, credentials.password)
        ) {
          return 'none'
        }
        return repositoryAt(path)?.writable === false ? 'read' : 'write'
      },
    }),
  )
  const listening = await listenOnLoopback(server, port)
  return { port: listening, [Symbol.asyncDispose]: () => closeServer(server) }
}
