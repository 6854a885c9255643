using Misuse;

string mistakes = string.Join(", ", Mistake.All.Select(mistake => mistake.Name));
string modes = string.Join(", ", Mode.All.Select(mode => mode.Name));
switch (args)
{
    case []:
        return Tour.Show(Mistake.All, Mode.All) ? 0 : 1;
    case ["--help" or "-h"]:
        Console.WriteLine($"""
            Misuse                   makes each mistake in each mode, in a process of its own
            Misuse MISTAKE [MODE]    one mistake: {mistakes}
                                     with a mode, in this process: {modes}
            """);
        return 0;
    case [var name] when Array.Find(Mistake.All, mistake => mistake.Name == name) is { } one:
        return Tour.Show([one], Mode.All) ? 0 : 1;
    case [var name, var of] when Array.Find(Mistake.All, mistake => mistake.Name == name) is { } one
        && Array.Find(Mode.All, mode => mode.Name == of) is { } mode:
        Here.Make(one, mode);
        return 0;
    default:
        string given = string.Join(' ', args);
        Console.Error.WriteLine($"Misuse: '{given}' is not one of {mistakes}, and perhaps one of {modes}.");
        return 2;
}
