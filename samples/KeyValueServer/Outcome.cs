namespace KeyValueServer;

/// <summary>What became of a command, or of a step of it. A step that is not <see cref="Done"/> has changed nothing.</summary>
internal enum Outcome
{
    Done,
    Missing,
    WrongType,
    OutOfMemory,
    NotAnInteger,
    TooLarge,
    Syntax,
    WrongArguments,
    InvalidExpiry,
}
