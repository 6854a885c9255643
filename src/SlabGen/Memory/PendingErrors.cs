using System.Runtime.ExceptionServices;

namespace SlabGen.Memory;

/// <summary>
/// Errors that were found where no caller could be told. Later calls throw them, one each, in the order found.
/// </summary>
/// <remarks>
/// <para>The list is under the lock, a leaf. <see cref="_count"/> is written under it and read by anyone.</para>
/// <para>An error that says the same as a waiting one is not kept again. To its user, a destructor that fails for every
/// slab is one error, and so is a shrinker that fails in every pass. Errors beyond <see cref="Most"/> are counted, and
/// the last one thrown says how many were lost.</para>
/// </remarks>
internal sealed class PendingErrors
{
    /// <summary>The most errors that wait.</summary>
    public const int Most = 16;

    private readonly UninterruptibleLock _lock = new();
    private readonly List<Exception> _errors = [];
    private int _count; // errors that wait, and one more when some were lost
    private long _lost;
    private bool _textsOnly;

    /// <summary>Whether a call has something to throw.</summary>
    public bool Any => Volatile.Read(ref _count) > 0;

    /// <summary>Keeps an error. Null is ignored.</summary>
    public void Add(Exception? error)
    {
        if (error is null)
        {
            return;
        }

        if (Volatile.Read(ref _textsOnly))
        {
            error = ToText(error);
        }

        using (_lock.Hold())
        {
            foreach (Exception waiting in _errors)
            {
                if (SaySame(waiting, error))
                {
                    return;
                }
            }

            if (_errors.Count < Most)
            {
                _errors.Add(error);
            }
            else
            {
                _lost++;
            }

            Volatile.Write(ref _count, _errors.Count + (_lost > 0 ? 1 : 0));
        }
    }

    /// <summary>Counts errors that were found but not kept.</summary>
    public void AddLost(long errors)
    {
        if (errors == 0)
        {
            return;
        }

        using (_lock.Hold())
        {
            _lost += errors;
            Volatile.Write(ref _count, _errors.Count + (_lost > 0 ? 1 : 0));
        }
    }

    /// <summary>
    /// From now on only the text of an error waits, not the user's exception object. Its type or its stack would keep a
    /// load context alive.
    /// </summary>
    public void KeepTexts()
    {
        Volatile.Write(ref _textsOnly, true);
        var taken = new List<Exception>();
        while (Take() is { } error)
        {
            taken.Add(error);
        }

        taken.ForEach(Add);
    }

    /// <summary>Turns an error into one that refers to no object or type of the user's.</summary>
    public static Exception ToText(Exception error)
    {
        try
        {
            return new InvalidOperationException($"{error.GetType()}: {error.Message}");
        }
        catch (Exception)
        {
            // It is users' code.
            return new InvalidOperationException($"{error.GetType()}, whose message cannot be had");
        }
    }

    /// <summary>Whether two errors look the same to their user.</summary>
    /// <remarks>
    /// Errors of users' own types are the same only if they are one object: their messages are users' code, which must
    /// not run under the lock.
    /// </remarks>
    public static bool SaySame(Exception first, Exception second) =>
        first == second
            || (first.GetType() == second.GetType() && IsOurs(first.GetType()) && first.Message == second.Message);

    private static bool IsOurs(Type type) =>
        type.Assembly == typeof(object).Assembly || type.Assembly == typeof(PendingErrors).Assembly;

    /// <summary>Takes the first error, or null if there is none.</summary>
    public Exception? Take()
    {
        if (!Any)
        {
            return null;
        }

        using (_lock.Hold())
        {
            Exception? first = null;
            if (_errors.Count > 0)
            {
                first = _errors[0];
                _errors.RemoveAt(0);
            }
            else if (_lost > 0)
            {
                first = new InvalidOperationException($"{_lost} more errors were found where nobody could be told. Only the first {Most} at a time are kept.");
                _lost = 0;
            }

            Volatile.Write(ref _count, _errors.Count + (_lost > 0 ? 1 : 0));
            return first;
        }
    }

    /// <summary>Throws the first error, if there is one.</summary>
    public void Throw()
    {
        if (Take() is { } error)
        {
            (error as ITelling)?.Tell(this);
            ExceptionDispatchInfo.Throw(error);
        }
    }
}
