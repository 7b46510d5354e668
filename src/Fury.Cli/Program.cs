using Fury.Cli.CommandLine;

return await CommandTree.Run(args, Console.Out, Console.Error);
