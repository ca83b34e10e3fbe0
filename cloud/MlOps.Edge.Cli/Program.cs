using MlOps.Edge.Cli;

return await new MlOpsCli(CliEnvironment.OfProcess()).RunAsync(args);
