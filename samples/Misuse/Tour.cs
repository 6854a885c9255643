using System.Diagnostics;

namespace Misuse;

/// <summary>Makes each mistake in each mode, in processes of their own, and shows what their users would see.</summary>
internal static class Tour
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <returns>Whether each process ended as one that makes a mistake may.</returns>
    public static bool Show(Mistake[] mistakes, Mode[] modes)
    {
        var table = new List<string>
        {
            $"| | {string.Join(" | ", modes.Select(mode => mode.Name))} |",
            $"| :-- |{string.Concat(modes.Select(_ => " :-- |"))}",
        };
        bool all = true;
        foreach (Mistake mistake in mistakes)
        {
            List<string> row = [mistake.Name];
            foreach (Mode mode in modes)
            {
                (string when, string output) = Run(mistake, mode);
                Console.WriteLine($"== {mistake.Name}, {mode.Name}: {when}{Environment.NewLine}{output}");
                row.Add(when);
                all &= !when.StartsWith('?');
            }

            table.Add($"| {string.Join(" | ", row)} |");
        }

        Console.WriteLine($"When each was found:{Environment.NewLine}");
        table.ForEach(Console.WriteLine);
        return all;
    }

    private static (string When, string Output) Run(Mistake mistake, Mode mode)
    {
        string host = Environment.ProcessPath!;
        bool isDotnet = Path.GetFileNameWithoutExtension(host) == "dotnet";
        string[] program = isDotnet ? ["exec", typeof(Tour).Assembly.Location] : [];
        var start = new ProcessStartInfo(host, [.. program, mistake.Name, mode.Name])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill();
            return ("? it did not end", "");
        }

        process.WaitForExit();
        string[] lines = output.Result.TrimEnd().Split('\n');
        if (process.ExitCode == 0 && lines[^1].StartsWith(Here.Found, StringComparison.Ordinal))
        {
            return (lines[^1][Here.Found.Length..].TrimEnd(), Indented(lines[..^1]));
        }

        string shown = Indented([.. output.Result.TrimEnd().Split('\n'), .. UpToTheStack(errors.Result)]);
        return errors.Result.Contains("SlabGen: ", StringComparison.Ordinal)
            ? ("at the access: the process ends", shown)
            : ($"? exit code {process.ExitCode}", shown);
    }

    /// <summary>The report, and of what .NET writes behind it the first lines.</summary>
    private static string[] UpToTheStack(string errors)
    {
        string[] lines = errors.TrimEnd().Split('\n');
        int fatal = Array.FindIndex(lines, line => line.StartsWith("Fatal error", StringComparison.Ordinal));
        return fatal < 0 ? lines : [.. lines.Take(fatal + 4)];
    }

    private static string Indented(string[] lines) =>
        string.Concat(lines.Where(line => line.Length > 0).Select(line => $"   {line.TrimEnd()}{Environment.NewLine}"));
}
