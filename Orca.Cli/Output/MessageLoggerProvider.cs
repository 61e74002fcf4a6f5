using Microsoft.Extensions.Logging;

namespace Orca.Cli.Output;

/// <summary>Log lines for <c>--debug</c>: <c>orca: debug: Category: what happened</c>.</summary>
internal sealed class MessageLoggerProvider(ITextOutput output) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new MessageLogger(categoryName[(categoryName.LastIndexOf('.') + 1)..], output);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class MessageLogger(string category, ITextOutput output) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var level = logLevel switch
            {
                LogLevel.Trace or LogLevel.Debug or LogLevel.Information => "debug",
                LogLevel.Warning => "warning",
                _ => "error",
            };
            output.Write($"orca: {level}: {category}: {formatter(state, exception)}\n{(exception is null ? string.Empty : exception + "\n")}");
        }
    }
}
